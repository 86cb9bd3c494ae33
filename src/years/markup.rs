//! The HTML of a page for reading and printing: frame, sections, charts and tables. It loads nothing and runs no script.

use std::fmt::Write as _;

use super::tables::{Table, Value};
use crate::charts::escaped;
use crate::words::{percent_text, tenths_of_percent, thousands};

const STYLE: &str = include_str!("page.css");

/// A question and its answer, as HTML.
pub(crate) struct Section {
    pub(crate) question: &'static str,
    pub(crate) body: String,
}

/// A whole page. FINAL or PRELIMINARY is shown below the title, and sets its look.
pub(crate) fn document(
    title: &str,
    (standing, settled): (&str, bool),
    sections: &[Section],
) -> String {
    let class = if settled { "final" } else { "preliminary" };
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{0}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n\
         <p class=\"{class}\">{1}</p>\n</header>\n<main>\n",
        escaped(title),
        escaped(standing)
    );
    for (at, section) in sections.iter().enumerate() {
        let _ = writeln!(
            page,
            "<section aria-labelledby=\"s{at}\">\n<h2 id=\"s{at}\">{}</h2>\n{}</section>",
            escaped(section.question),
            section.body
        );
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// A chart and what it shows.
pub(crate) fn figure(svg: &str, caption: &str) -> String {
    format!(
        "<figure>{svg}<figcaption>{}</figcaption></figure>\n",
        escaped(caption)
    )
}

/// A table of the page: caption, note and rows.
pub(crate) fn html(table: &Table) -> String {
    let mut out = format!(
        "<h3>{0}</h3>\n<p class=\"about\">{1}</p>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table: {0}\">\n<table>\n<thead><tr>",
        escaped(&table.title),
        escaped(&table.about)
    );
    for heading in &table.headings {
        let class = if heading.figures { " class=\"n\"" } else { "" };
        let _ = write!(
            out,
            "<th scope=\"col\"{class}>{}</th>",
            escaped(&heading.text)
        );
    }
    out += "</tr></thead>\n<tbody>\n";
    if table.rows.is_empty() {
        let _ = writeln!(
            out,
            "<tr><td colspan=\"{}\">none</td></tr>",
            table.headings.len()
        );
    }
    for row in &table.rows {
        out += "<tr>";
        for (at, value) in row.iter().enumerate() {
            out += &cell(value, table.headings[at].figures, at == 0);
        }
        out += "</tr>\n";
    }
    out + "</tbody>\n</table>\n</div>\n"
}

fn cell(value: &Value, figures: bool, heads: bool) -> String {
    let text = match value {
        Value::Empty => String::new(),
        Value::Text(text) | Value::Words(text) => escaped(text),
        Value::Count(count) => thousands(*count),
        Value::Money(amount) => amount.grouped(),
        Value::Change(change) => signed(*change),
        Value::Share(part, whole) => {
            tenths_of_percent(*part, *whole).map_or_else(String::new, percent_text)
        }
        Value::Growth(change, whole) => {
            tenths_of_percent(*change, *whole).map_or_else(String::new, grown)
        }
    };
    let class = match value {
        _ if figures => " class=\"n\"",
        Value::Words(_) => " class=\"w\"",
        _ => "",
    };
    if heads {
        format!("<th scope=\"row\"{class}>{text}</th>")
    } else {
        format!("<td{class}>{text}</td>")
    }
}

/// `+28.6%`.
fn grown(tenths: i64) -> String {
    let sign = if tenths > 0 { "+" } else { "" };
    format!("{sign}{}", percent_text(tenths))
}

fn signed(change: i64) -> String {
    let size = thousands(change.unsigned_abs());
    match change {
        ..0 => format!("-{size}"),
        0 => size,
        1.. => format!("+{size}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    #[test]
    fn a_text_of_an_input_stays_a_text() {
        let value = Value::Text("<script>alert('1')</script>".to_string());
        assert_eq!(
            cell(&value, false, false),
            "<td>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</td>"
        );
        assert_eq!(
            cell(&Value::Money(Money::from_cents(-5)), true, false),
            "<td class=\"n\">-$0.05</td>"
        );
        let shown = |value: &Value| cell(value, true, false);
        // 633.70 of 1,000.00 are 63.37 percent; 110 of 385 are 28.57, and -1 of 2,000 is half a tenth of a percent.
        assert_eq!(
            shown(&Value::Share(63_370, 100_000)),
            "<td class=\"n\">63.4%</td>"
        );
        assert_eq!(
            shown(&Value::Growth(110, 385)),
            "<td class=\"n\">+28.6%</td>"
        );
        assert_eq!(
            shown(&Value::Growth(-1, 2_000)),
            "<td class=\"n\">-0.1%</td>"
        );
        assert_eq!(
            [signed(-1_200), signed(0), signed(7)],
            ["-1,200", "0", "+7"]
        );
    }
}
