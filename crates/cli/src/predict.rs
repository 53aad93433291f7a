//! `exacta predict`: numbers from the arguments or stdin to a `/predict` endpoint, and its answer to
//! stdout. Nothing is computed here.

use std::io::{self, Read};

use exacta_client::PredictRequest;

use crate::args::PredictArguments;
use crate::error::Error;
use crate::output;
use crate::text::excerpt;

/// How many bytes of numbers are taken from stdin: what a service takes by default.
const NUMBERS_BYTES_MAX: u64 = 64 << 20;

/// Asks and prints the answer in one line of JSON.
pub(crate) fn run(arguments: &PredictArguments) -> Result<(), Error> {
    let client = arguments.tls.client(base(&arguments.endpoint)?)?;
    let input = match arguments.numbers.as_slice() {
        [] => read(io::stdin())?,
        numbers => numbers.to_vec(),
    };
    let answer = client.predict(&PredictRequest { input })?;
    // Written as the service writes it: 6, not 6.0.
    let answer = exacta_api::PredictResponse {
        sum: answer.sum,
        count: answer.count,
        average: answer.average,
        min: answer.min,
        max: answer.max,
    };
    let json = serde_json::to_string(&answer).expect("an answer has text keys and finite numbers");
    output::print(&format!("{json}\n"))
}

/// The address of the service whose `/predict` it is.
fn base(endpoint: &str) -> Result<&str, Error> {
    let endpoint = endpoint.trim_end_matches('/');
    endpoint.strip_suffix("/predict").ok_or_else(|| Error::Endpoint { given: endpoint.to_owned() })
}

/// Reads numbers that stand between blanks.
fn read(reader: impl Read) -> Result<Vec<f64>, Error> {
    let mut bytes = Vec::new();
    let length = reader.take(NUMBERS_BYTES_MAX + 1).read_to_end(&mut bytes);
    let length = length.map_err(|source| Error::Read { input: "<stdin>".to_owned(), source })?;
    if length as u64 > NUMBERS_BYTES_MAX {
        return Err(Error::NumbersTooMany { bytes_max: NUMBERS_BYTES_MAX });
    }
    // What is no UTF-8 is no number either, and is told as one.
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().enumerate();
    lines.flat_map(|(index, line)| numbers(index + 1, line)).collect()
}

/// The numbers of one line.
fn numbers(line: usize, text: &str) -> impl Iterator<Item = Result<f64, Error>> {
    text.split_ascii_whitespace().map(move |token| {
        number(token).map_err(|()| Error::Number {
            line,
            column: token.as_ptr() as usize - text.as_ptr() as usize + 1,
            token: excerpt(token),
        })
    })
}

fn number(token: &str) -> Result<f64, ()> {
    token.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(())
}

/// Reads a number of the command line.
pub(crate) fn argument(token: &str) -> Result<f64, &'static str> {
    number(token).map_err(|()| "not a finite number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_between_blanks() {
        assert_eq!(read(" 1 -2.5\n\n3e2\t.5\r\n".as_bytes()).unwrap(), [1.0, -2.5, 300.0, 0.5]);
        assert_eq!(read("".as_bytes()).unwrap().len(), 0);
    }

    #[test]
    fn what_is_no_number_has_a_place() {
        for (text, expected) in [
            (b"1 2\n3  x\n".as_slice(), "<stdin>:2:4: `x` is not"),
            (b"1e999", "<stdin>:1:1: `1e999` is not"),
            (b"1\n2 \xff", "<stdin>:2:3: `\u{fffd}` is not"),
            (b"1 nan", "<stdin>:1:3: `nan` is not"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn an_endpoint_is_a_predict() {
        assert_eq!(base("http://h:1/predict").unwrap(), "http://h:1");
        assert_eq!(base("http://h:1/v0/predict/").unwrap(), "http://h:1/v0");
        assert!(base("http://h:1").is_err());
    }
}
