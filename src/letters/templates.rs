//! The templates: the program's, or the office's own.

use minijinja::{Environment, Error, UndefinedBehavior, Value};

use super::Correspondence;
use crate::stop::Stop;

/// The most steps of a template. The letters of a year need some 300,000, so one that needs more probably never ends.
const STEPS_MAX: u64 = 200_000_000;

/// A template by its name; the two that make pages are first.
#[derive(Clone, Debug)]
pub struct Template {
    pub name: &'static str,
    pub text: String,
    /// The path of the office's own; `None` for the program's.
    pub own: Option<String>,
}

/// The file names of the templates, with the program's own texts.
const BUILT_IN: [(&str, &str); 4] = [
    (LETTERS, include_str!("templates/letters.html")),
    (PACKET, include_str!("templates/packet.html")),
    ("charts.html", include_str!("templates/charts.html")),
    ("style.css", include_str!("templates/style.css")),
];
/// The letters' template and file.
pub const LETTERS: &str = "letters.html";
/// The packet's template and file.
pub const PACKET: &str = "packet.html";

/// The templates of a correspondence.
#[derive(Clone, Debug)]
pub struct Templates(pub(super) Vec<Template>);

impl Default for Templates {
    fn default() -> Self {
        let built_in = BUILT_IN.iter().map(|(name, text)| Template {
            name,
            text: (*text).to_string(),
            own: None,
        });
        Templates(built_in.collect())
    }
}

impl Templates {
    /// Replaces the template with the same file name by the office's own.
    ///
    /// # Errors
    /// If no template has this name or another file already replaces it, or if the text is not UTF-8.
    pub fn replace(&mut self, path: &str, file_name: &str, bytes: Vec<u8>) -> Result<(), Stop> {
        let text = String::from_utf8(bytes).map_err(|_| {
            let fix = "save it as UTF-8";
            Stop::usage("the template is not a text in UTF-8", path, fix)
        })?;
        let Some(template) = self.0.iter_mut().find(|known| known.name == file_name) else {
            let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
            return Err(Stop::usage(
                "no template has this name",
                path,
                format!(
                    "name the file after the template that it replaces: {}",
                    names.join(", ")
                ),
            ));
        };
        if let Some(other) = &template.own {
            return Err(Stop {
                places: vec![other.clone(), path.to_string()],
                ..Stop::usage(
                    format!("two files replace the template {file_name}"),
                    "",
                    "give one of them",
                )
            });
        }
        template.text = text;
        template.own = Some(path.to_string());
        Ok(())
    }

    /// Fills in a template.
    ///
    /// # Errors
    /// What is wrong with a template, with its line.
    pub fn fill(&self, name: &str, with: &Correspondence) -> Result<String, Stop> {
        let mut environment = Environment::new();
        // A misspelled name is an error, not a gap in a letter.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(STEPS_MAX));
        environment.add_filter("thousands", crate::words::thousands);
        for template in &self.0 {
            environment
                .add_template(template.name, &template.text)
                .map_err(|error| self.fault(&error))?;
        }
        let template = environment.get_template(name);
        template
            .and_then(|template| template.render(Value::from_serialize(with)))
            .map_err(|error| self.fault(&error))
    }

    fn fault(&self, error: &Error) -> Stop {
        // The error of an included template is the source of the including one's error.
        let mut innermost = error;
        while let Some(inner) =
            std::error::Error::source(innermost).and_then(|source| source.downcast_ref::<Error>())
        {
            innermost = inner;
        }
        let what = innermost
            .detail()
            .map_or_else(|| innermost.kind().to_string(), ToString::to_string);
        let own = self
            .0
            .iter()
            .find(|template| Some(template.name) == innermost.name())
            .and_then(|template| template.own.as_deref());
        let line = innermost.line().unwrap_or_default();
        if let Some(path) = own {
            return Stop::usage(
                format!("the template cannot be filled in: {what}"),
                format!("{path}, line {line}"),
                "correct the line; docs/letters.md lists what a template can print, and the templates/ folder of any letters has the program's own",
            );
        }
        let own = self.0.iter().filter_map(|template| template.own.clone());
        let mut places: Vec<String> = own.collect();
        if places.is_empty() {
            return Stop::defect(&format!("a built-in template cannot be filled in: {error}"));
        }
        // The program's own template takes something from an office's that is not there, such as a macro of charts.html.
        let name = innermost.name().unwrap_or("template");
        places.push(format!("the program's own {name}, line {line}"));
        Stop {
            places,
            ..Stop::usage(
                format!("the program's own template cannot be filled in with yours: {what}"),
                "",
                "compare your templates with the program's own in the templates/ folder of any letters; what one template takes from another, such as a macro of charts.html, must stay",
            )
        }
    }
}
