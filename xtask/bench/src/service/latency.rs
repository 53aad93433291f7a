//! How long one caller waits for one answer: by a call, a command, and a request.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use exacta::Plan;
use exacta_client::{Client, PredictRequest, SummarizeParams, SummarizeResponse};
use exacta_scan::{ScanOptions, scan_csv};

use super::Services;
use super::input::{Answer, Input};
use crate::error::{Error, at};
use crate::spread::Spread;

/// What every ratio is to.
pub(crate) const BASELINE: &str = "call, JSON text in memory";
pub(crate) const CALL: &str = "call, numbers in memory";
pub(crate) const COMMAND: &str = "`exacta stats --json`, a file";
pub(crate) const PREDICT: &str = "exacta, `POST /predict`";
pub(crate) const SUMMARIZE: &str = "exacta, `POST /v1/summarize`";
pub(crate) const GO: &str = "Go, `POST /predict`";
/// All of them, in the order of the tables.
pub(crate) const NAMES: [&str; 7] =
    [CALL, BASELINE, "call, CSV text in memory", COMMAND, PREDICT, SUMMARIZE, GO];

/// How long a contender is run at a time, so that the clock is fine enough.
const TURN: Duration = Duration::from_millis(10);

/// One way to ask for the answer.
type Ask<'a> = Box<dyn FnMut() -> Result<Answer, Error> + 'a>;

struct Contender<'a> {
    name: &'static str,
    ask: Ask<'a>,
}

/// What a contender needed over all rounds.
pub(crate) struct Latency {
    pub(crate) name: &'static str,
    /// Seconds for one answer.
    pub(crate) time: Spread,
    /// To the baseline of the same round.
    pub(crate) ratio: Spread,
}

/// Times every contender in every round, in an order that rotates.
pub(crate) fn measure(
    input: &Input,
    services: &Services,
    n_rounds: usize,
) -> Result<Vec<Latency>, Error> {
    let mut contenders = contenders(input, services)?;
    let n_contenders = contenders.len();
    let n_runs: Vec<_> = contenders
        .iter_mut()
        .map(|contender| runs_in_a_turn(contender, input))
        .collect::<Result<_, _>>()?;
    let mut times = vec![Vec::with_capacity(n_rounds); n_contenders];
    for round in 0..n_rounds {
        for index in (0..n_contenders).map(|index| (index + round) % n_contenders) {
            times[index].push(turn(&mut contenders[index], input, n_runs[index])?);
        }
    }
    let baseline = contenders.iter().position(|contender| contender.name == BASELINE);
    let baseline = &times[baseline.expect("the baseline is a contender")];
    contenders.iter().zip(&times).map(|(c, times)| latency(c.name, times, baseline)).collect()
}

fn latency(name: &'static str, times: &[f64], baseline: &[f64]) -> Result<Latency, Error> {
    let ratios: Vec<_> = times.iter().zip(baseline).map(|(time, base)| time / base).collect();
    Ok(Latency { name, time: Spread::of(times)?, ratio: Spread::of(&ratios)? })
}

/// How many runs fill a turn. The first run is a check before anything is timed, and a
/// warm-up; the second is timed.
fn runs_in_a_turn(contender: &mut Contender, input: &Input) -> Result<u32, Error> {
    turn(contender, input, 1)?;
    let seconds = turn(contender, input, 1)?;
    Ok((TURN.as_secs_f64() / seconds).ceil() as u32)
}

/// Seconds that one run takes, over so many in a row; a wrong answer has no time.
fn turn(contender: &mut Contender, input: &Input, n_runs: u32) -> Result<f64, Error> {
    let start = Instant::now();
    for _ in 0..n_runs {
        if !(contender.ask)()?.agrees(&input.answer) {
            let n_numbers = input.values.len();
            return Err(Error::Wrong { contender: contender.name, n_numbers });
        }
    }
    Ok(start.elapsed().as_secs_f64() / f64::from(n_runs))
}

fn contenders<'a>(input: &'a Input, services: &'a Services) -> Result<Vec<Contender<'a>>, Error> {
    let exacta = Client::new(&services.exacta.url(""))?;
    let (again, default) = (exacta.clone(), SummarizeParams::default());
    let mut asks: Vec<Ask> = vec![
        Box::new(|| Ok(Answer::of_summary(&exacta::summarize(black_box(&input.values))))),
        Box::new(|| call_with_json(black_box(&input.predict_json))),
        Box::new(|| call_with_csv(black_box(&input.csv))),
        Box::new(|| command(&services.program, &input.csv_file)),
        Box::new(move || Ok(Answer::of_prediction(&exacta.predict(&input.predict)?))),
        Box::new(move || of_columns(SUMMARIZE, &again.summarize(&input.summarize, &default)?)),
    ];
    if let Some(go) = &services.go {
        let go = Client::new(&go.url(""))?;
        asks.push(Box::new(move || Ok(Answer::of_prediction(&go.predict(&input.predict)?))));
    }
    let named = NAMES.into_iter().zip(asks);
    Ok(named.map(|(name, ask)| Contender { name, ask }).collect())
}

fn call_with_json(json: &str) -> Result<Answer, Error> {
    let request: PredictRequest = serde_json::from_str(json)?;
    Ok(Answer::of_summary(&exacta::summarize(&request.input)))
}

fn call_with_csv(csv: &str) -> Result<Answer, Error> {
    let plan = Plan::default();
    let table = scan_csv(csv.as_bytes(), &ScanOptions::default(), &plan)?;
    Ok(Answer::of_summary(&table.columns[0].partial.finalize(&plan)?))
}

/// The command from its start to its end, asked for what the others are asked for.
fn command(program: &Path, file: &Path) -> Result<Answer, Error> {
    let mut command = Command::new(program);
    command.args(["stats", "--json", "-s", "sum,mean,stddev,min,max"]).arg(file);
    let output = command.stdin(Stdio::null()).output().map_err(at(program))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Failed { program: program.display().to_string(), stderr });
    }
    of_columns(COMMAND, &serde_json::from_slice(&output.stdout)?)
}

fn of_columns(contender: &'static str, answer: &SummarizeResponse) -> Result<Answer, Error> {
    Answer::of_columns(answer).ok_or(Error::Incomplete { contender })
}
