//! Contenders that answer one question about the same numbers, timed in turns in one run, so that whatever else
//! the machine does meets all of them. A wrong answer has no time.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::spread::Spread;

/// How long a contender is run at a time, so that the clock is fine enough.
const TURN: Duration = Duration::from_millis(2);
/// How long all turns of a slow contender may take together; it has three at least.
const ALL_TURNS: Duration = Duration::from_secs(4);
const N_ROUNDS_MIN: usize = 3;

/// How far an answer that is not promised to be exact may be from the right one, relative to it.
const TOLERANCE: f64 = 1e-6;

/// What one turn comes to.
pub(crate) struct Turn {
    /// Of one run.
    pub(crate) seconds: f64,
    /// The most memory that it had at once, where it is a process of its own.
    pub(crate) peak_bytes: Option<u64>,
    pub(crate) answer: Answer,
}

/// What a contender says.
pub(crate) enum Answer {
    Numbers(Vec<f64>),
    /// An error, in its words.
    Refused(String),
}

/// What a contender's answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// The expected bits.
    Exact,
    /// Near the expected numbers.
    Near,
    /// The same of as many as it gives; it does not know the last ones.
    NearInPart,
    /// Anything: it only reads.
    Nothing,
}

type Run<'a> = Box<dyn FnMut(u32) -> Result<Turn, Error> + 'a>;

/// One that takes part.
pub(crate) struct Contender<'a> {
    pub(crate) name: &'static str,
    /// What is run, for those who want to try it.
    pub(crate) statement: String,
    promise: Promise,
    run: Run<'a>,
}

impl<'a> Contender<'a> {
    /// One that is told how many times to run.
    pub(crate) fn new(
        name: &'static str,
        statement: impl Into<String>,
        promise: Promise,
        run: impl FnMut(u32) -> Result<Turn, Error> + 'a,
    ) -> Self {
        Self { name, statement: statement.into(), promise, run: Box::new(run) }
    }
}

/// A contender in this process.
pub(crate) fn ours<'a, A: AsRef<[f64]>>(
    name: &'static str,
    promise: Promise,
    mut run: impl FnMut() -> A + 'a,
) -> Contender<'a> {
    let run = move |n_runs| {
        let start = Instant::now();
        for _ in 1..n_runs {
            black_box(run());
        }
        let answer = black_box(run());
        let seconds = start.elapsed().as_secs_f64() / f64::from(n_runs);
        Ok(Turn { seconds, peak_bytes: None, answer: Answer::Numbers(answer.as_ref().to_vec()) })
    };
    Contender::new(name, "", promise, run)
}

/// What a contender did over all rounds.
pub(crate) struct Laps {
    pub(crate) name: &'static str,
    pub(crate) statement: String,
    /// Seconds, in the rounds in which it had a turn.
    times: Vec<Option<f64>>,
    /// Bytes, in the same rounds.
    peaks: Vec<Option<f64>>,
    /// How its answer is wrong.
    pub(crate) wrong: Option<String>,
}

/// What is asked, and of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// What is asked; races of the same title and size stand side by side.
    pub(crate) title: &'static str,
    pub(crate) n_numbers: usize,
    pub(crate) kind: &'static str,
}

impl Question {
    pub(crate) fn new(title: &'static str, n_numbers: usize, kind: &'static str) -> Self {
        Self { title, n_numbers, kind }
    }
}

/// One question, and how long all took to answer it.
pub(crate) struct Race {
    pub(crate) question: Question,
    pub(crate) results: Vec<Laps>,
}

impl Race {
    /// Lets everybody run, in an order that rotates. The first runs are a check of the answer and a warm-up.
    pub(crate) fn run(
        question: Question,
        expected: &[f64],
        n_rounds: usize,
        mut contenders: Vec<Contender>,
    ) -> Result<Self, Error> {
        let Question { title, n_numbers, kind } = question;
        eprintln!("{title}: {n_numbers} numbers, {kind}");
        let n_contenders = contenders.len();
        let mut results = Vec::new();
        let mut turns = Vec::new();
        for contender in &mut contenders {
            let (result, seconds) = warm_up(contender, expected, n_rounds)?;
            let n_runs = (TURN.as_secs_f64() / seconds).ceil().clamp(1.0, 1e6) as u32;
            let n_turns = (ALL_TURNS.as_secs_f64() / seconds) as usize;
            turns.push((n_runs, n_turns.clamp(N_ROUNDS_MIN, n_rounds.max(N_ROUNDS_MIN))));
            results.push(result);
        }
        for round in 0..n_rounds {
            for index in (0..n_contenders).map(|index| (index + round) % n_contenders) {
                let (n_runs, n_turns) = turns[index];
                let result = &mut results[index];
                if result.wrong.is_none() && has_turn(round, n_turns, n_rounds) {
                    let turn = (contenders[index].run)(n_runs)?;
                    result.wrong = fault(contenders[index].promise, &turn.answer, expected);
                    result.times[round] = Some(turn.seconds);
                    result.peaks[round] = turn.peak_bytes.map(|bytes| bytes as f64);
                }
            }
        }
        Ok(Self { question, results })
    }

    /// The time of the one by the time of the other, over the rounds in which both had a turn.
    pub(crate) fn ratio(&self, over: &str, under: &str) -> Option<Spread> {
        quotients(&self.right(over)?.times, &self.right(under)?.times)
    }

    /// The same of their memory.
    pub(crate) fn peak_ratio(&self, over: &str, under: &str) -> Option<Spread> {
        quotients(&self.right(over)?.peaks, &self.right(under)?.peaks)
    }

    /// The seconds of one contender; none when its answer is wrong.
    pub(crate) fn time(&self, name: &str) -> Option<Spread> {
        spread(self.right(name)?.times.iter().copied().flatten())
    }

    /// The most memory of one contender, in bytes; none where it is not known.
    pub(crate) fn peak(&self, name: &str) -> Option<f64> {
        self.right(name)?.peaks.iter().copied().flatten().reduce(f64::max)
    }

    /// A contender whose answer is right.
    fn right(&self, name: &str) -> Option<&Laps> {
        self.results.iter().find(|laps| laps.name == name && laps.wrong.is_none())
    }
}

fn quotients(over: &[Option<f64>], under: &[Option<f64>]) -> Option<Spread> {
    let pairs = over.iter().zip(under);
    spread(pairs.filter_map(|(over, under)| Some((*over)? / (*under)?)))
}

fn spread(measurements: impl Iterator<Item = f64>) -> Option<Spread> {
    let measurements: Vec<_> = measurements.collect();
    (!measurements.is_empty()).then(|| Spread::of(&measurements).ok())?
}

/// A first turn, whose answer is checked, and a second one for the time.
fn warm_up(
    contender: &mut Contender,
    expected: &[f64],
    n_rounds: usize,
) -> Result<(Laps, f64), Error> {
    let first = (contender.run)(1)?;
    let wrong = fault(contender.promise, &first.answer, expected);
    let seconds = if wrong.is_none() { (contender.run)(1)?.seconds } else { first.seconds };
    let Contender { name, ref statement, .. } = *contender;
    let [times, peaks] = [vec![None; n_rounds], vec![None; n_rounds]];
    let laps = Laps { name, statement: statement.clone(), times, peaks, wrong };
    Ok((laps, seconds.max(1e-9)))
}

/// Whether one of so many turns is in this round, when they are spread evenly.
fn has_turn(round: usize, n_turns: usize, n_rounds: usize) -> bool {
    round * n_turns / n_rounds < (round + 1) * n_turns / n_rounds
}

/// How an answer is wrong.
fn fault(promise: Promise, answer: &Answer, expected: &[f64]) -> Option<String> {
    let numbers = match answer {
        Answer::Refused(words) => return Some(words.clone()),
        Answer::Numbers(numbers) => numbers,
    };
    let is_right = |found: f64, expected: f64| match promise {
        Promise::Exact => found.to_bits() == expected.to_bits(),
        // An infinity is near itself.
        Promise::Near | Promise::NearInPart => {
            found == expected || (found - expected).abs() <= TOLERANCE * expected.abs()
        }
        Promise::Nothing => true,
    };
    let is_complete = match promise {
        Promise::Exact | Promise::Near => numbers.len() == expected.len(),
        Promise::NearInPart => (1..expected.len()).contains(&numbers.len()),
        Promise::Nothing => true,
    };
    if !is_complete {
        return Some(format!("{} numbers for {}", numbers.len(), expected.len()));
    }
    let mut pairs = numbers.iter().zip(expected);
    let (found, right) = pairs.find(|(found, right)| !is_right(**found, **right))?;
    Some(format!("{found:e} for {right:e}"))
}

/// A line for each contender whose answer is wrong.
pub(crate) fn faults(race: &Race) -> Vec<String> {
    let fault = |laps: &Laps| {
        let wrong = laps.wrong.as_ref()?;
        Some(format!("- {}, {}: {wrong}\n", laps.name, race.question.kind))
    };
    let faults: Vec<_> = race.results.iter().filter_map(fault).collect();
    if faults.is_empty() { faults } else { [faults, vec!["\n".to_owned()]].concat() }
}

/// What the peers are asked, each once.
pub(crate) fn statements(races: &[&Race]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for laps in races.iter().flat_map(|race| &race.results) {
        let line = format!("  - {}: `{}`\n", laps.name, laps.statement);
        if !laps.statement.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

/// A contender that says what it is told to, of a statement.
#[cfg(test)]
pub(crate) fn peer_for_tests(
    name: &'static str,
    statement: &'static str,
    answer: f64,
) -> Contender<'static> {
    Contender { statement: statement.to_owned(), ..ours(name, Promise::Near, move || [answer]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn race(expected: &[f64], contenders: Vec<Contender>) -> Race {
        Race::run(Question::new("A race", 2, "few"), expected, 5, contenders).unwrap()
    }

    #[test]
    fn right_answers_have_times_and_ratios() {
        let near = || ours("near", Promise::Near, || [1.0 + 1e-9]);
        let race = race(&[1.0], vec![ours("exact", Promise::Exact, || [1.0]), near()]);
        assert!(race.time("exact").unwrap().median > 0.0);
        assert!(race.ratio("near", "exact").unwrap().median > 0.0);
        assert_eq!(race.ratio("exact", "exact").unwrap().quartiles, [1.0; 2]);
        assert!(race.ratio("exact", "absent").is_none());
    }

    #[test]
    fn a_wrong_answer_has_no_time() {
        let contenders = vec![
            ours("next", Promise::Exact, || [1f64.next_up()]),
            ours("far", Promise::Near, || [1.1]),
            ours("nan", Promise::Near, || [f64::NAN]),
            ours("many", Promise::Near, || [1.0, 1.0]),
            ours("none", Promise::NearInPart, || [0.0; 0]),
            ours("reads", Promise::Nothing, || [7.0]),
        ];
        let race = race(&[1.0], contenders);
        for name in ["next", "far", "nan", "many", "none"] {
            assert!(race.time(name).is_none() && race.ratio(name, "reads").is_none(), "{name}");
        }
        assert_eq!(race.results[1].wrong.as_deref(), Some("1.1e0 for 1e0"));
        assert!(race.time("reads").is_some());
    }

    #[test]
    fn turns_are_spread_over_the_rounds() {
        let turns = |n_turns| (0..10).filter(|round| has_turn(*round, n_turns, 10)).collect();
        let [few, all]: [Vec<usize>; 2] = [3, 10].map(turns);
        assert_eq!(few, [3, 6, 9]);
        assert_eq!(all.len(), 10);
    }
}
