//! Contenders that answer one question about the same numbers, timed in turns in one run, so that whatever else
//! the machine does meets all of them. A wrong answer has no time.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::peer::Worker;
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
pub(super) struct Turn {
    /// Of one run.
    pub(super) seconds: f64,
    pub(super) answer: Answer,
}

/// What a contender says.
pub(super) enum Answer {
    Numbers(Vec<f64>),
    /// An error, in its words.
    Refused(String),
}

/// What a contender's answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// The expected bits.
    Exact,
    /// Near the expected numbers.
    Near,
    /// Anything: it only reads.
    Nothing,
}

type Run<'a> = Box<dyn FnMut(u32) -> Result<Turn, Error> + 'a>;

/// One that takes part.
pub(super) struct Contender<'a> {
    pub(super) name: &'static str,
    /// What is run, for those who want to try it.
    pub(super) statement: &'static str,
    promise: Promise,
    run: Run<'a>,
}

/// A contender in this process.
pub(super) fn ours<'a, A: AsRef<[f64]>>(
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
        Ok(Turn { seconds, answer: Answer::Numbers(answer.as_ref().to_vec()) })
    };
    Contender { name, statement: "", promise, run: Box::new(run) }
}

/// A contender in Python.
pub(super) fn peer<'a>(
    name: &'static str,
    worker: &'a Worker,
    statement: &'static str,
) -> Contender<'a> {
    let run = move |n_runs| worker.time(statement, n_runs);
    Contender { name, statement, promise: Promise::Near, run: Box::new(run) }
}

/// What a contender did over all rounds.
pub(super) struct Laps {
    pub(super) name: &'static str,
    pub(super) statement: &'static str,
    /// Seconds, in the rounds in which it had a turn.
    times: Vec<Option<f64>>,
    /// How its answer is wrong.
    pub(super) wrong: Option<String>,
}

/// What is asked, and of what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// What is asked; races of the same title and size stand side by side.
    pub(super) title: &'static str,
    pub(super) n_numbers: usize,
    pub(super) kind: &'static str,
}

impl Question {
    pub(super) fn new(title: &'static str, n_numbers: usize, kind: &'static str) -> Self {
        Self { title, n_numbers, kind }
    }
}

/// One question, and how long all took to answer it.
pub(super) struct Race {
    pub(super) question: Question,
    pub(super) results: Vec<Laps>,
}

impl Race {
    /// Lets everybody run, in an order that rotates. The first runs are a check of the answer and a warm-up.
    pub(super) fn run(
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
                }
            }
        }
        Ok(Self { question, results })
    }

    /// The time of the one by the time of the other, over the rounds in which both had a turn.
    pub(super) fn ratio(&self, over: &str, under: &str) -> Option<Spread> {
        let pairs = self.times(over)?.iter().zip(self.times(under)?);
        spread(pairs.filter_map(|(over, under)| Some((*over)? / (*under)?)))
    }

    /// The seconds of one contender; none when its answer is wrong.
    pub(super) fn time(&self, name: &str) -> Option<Spread> {
        spread(self.times(name)?.iter().copied().flatten())
    }

    fn times(&self, name: &str) -> Option<&[Option<f64>]> {
        let laps = self.results.iter().find(|laps| laps.name == name)?;
        laps.wrong.is_none().then_some(&laps.times)
    }
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
    let Contender { name, statement, .. } = *contender;
    let times = vec![None; n_rounds];
    Ok((Laps { name, statement, times, wrong }, seconds.max(1e-9)))
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
        Promise::Near => {
            found == expected || (found - expected).abs() <= TOLERANCE * expected.abs()
        }
        Promise::Nothing => true,
    };
    if promise != Promise::Nothing && numbers.len() != expected.len() {
        return Some(format!("{} numbers for {}", numbers.len(), expected.len()));
    }
    let mut pairs = numbers.iter().zip(expected);
    let (found, right) = pairs.find(|(found, right)| !is_right(**found, **right))?;
    Some(format!("{found:e} for {right:e}"))
}

/// A contender that says what it is told to, of a statement.
#[cfg(test)]
pub(super) fn peer_for_tests(
    name: &'static str,
    statement: &'static str,
    answer: f64,
) -> Contender<'static> {
    Contender { statement, ..ours(name, Promise::Near, move || [answer]) }
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
            ours("reads", Promise::Nothing, || [7.0]),
        ];
        let race = race(&[1.0], contenders);
        for name in ["next", "far", "nan", "many"] {
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
