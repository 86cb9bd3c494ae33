//! Funding calculator and batch processor for Colorado's Career Development Incentive Program.
