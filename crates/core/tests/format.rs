//! The bytes of partials: the vectors of docs/FORMAT.md, and an encoder in Python that was written from that
//! page alone and shares no code with this crate.

#[path = "../../scan/src/oracle.rs"]
mod oracle;

use exacta::{
    Accumulator, Bins, PairAccumulator, PairPartial, Partial, Plan, Probability, Statistic, Value,
    WeightedAccumulator, WeightedPartial,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::io::Write;
use std::process::Stdio;

const PAGE: &str = include_str!("../../../docs/FORMAT.md");
const ENCODER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/format.py");
const EDGES: &str = "-1e300 -1.0 0.0 0.1 500.0 9007199254740992.0";

/// A multiset of one column or of rows.
#[derive(Clone, Debug)]
enum Case {
    Column(Column),
    Pairs(String),
    Weighted(String),
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Column(column) => column.partial().to_bytes().unwrap(),
            Self::Pairs(rows) => {
                let mut pairs = PairAccumulator::default();
                for row in rows.split_whitespace().map(row) {
                    match row {
                        Some((x, y)) => pairs.push(x, y).unwrap(),
                        None => pairs.push_null(),
                    }
                }
                pairs.into_partial().to_bytes()
            }
            Self::Weighted(rows) => {
                let mut weighted = WeightedAccumulator::default();
                for row in rows.split_whitespace().map(row) {
                    match row {
                        Some((x, w)) => weighted.push(x, w).unwrap(),
                        None => weighted.push_null(),
                    }
                }
                weighted.into_partial().to_bytes()
            }
        }
    }

    /// The bytes of what is read from `bytes`.
    fn read_and_written(&self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Column(_) => Partial::from_bytes(bytes).unwrap().to_bytes().unwrap(),
            Self::Pairs(_) => PairPartial::from_bytes(bytes).unwrap().to_bytes(),
            Self::Weighted(_) => WeightedPartial::from_bytes(bytes).unwrap().to_bytes(),
        }
    }

    fn line(&self) -> String {
        match self {
            Self::Column(it) => format!("numbers|{}|{}|{}\n", it.numbers, it.states, it.edges),
            Self::Pairs(rows) => format!("pairs|{rows}\n"),
            Self::Weighted(rows) => format!("weighted|{rows}\n"),
        }
    }
}

/// The two numbers of a row, or none where one is missing.
fn row(word: &str) -> Option<(Value, Value)> {
    word.split_once(',').map(|(left, right)| (number(left), number(right)))
}

fn number(word: &str) -> Value {
    let signed = word.parse::<i64>().map(Value::from);
    let unsigned = || word.parse::<u64>().map(Value::from);
    signed.or_else(|_| unsigned()).unwrap_or_else(|_| word.parse::<f64>().unwrap().into())
}

/// A multiset as words, the states of its partial, and the edges of its bins.
#[derive(Clone, Debug, Default)]
struct Column {
    numbers: String,
    states: String,
    edges: String,
}

impl Column {
    /// A plan that needs these states, and perhaps those that come with them.
    fn plan(&self) -> Plan {
        let statistic = |state| match state {
            "sum" => Some(Statistic::Sum),
            "sum_squares" => Some(Statistic::SumSquares),
            "extremes" => Some(Statistic::Min),
            "values" => Some(Statistic::Median),
            "sum_cubes" => Some(Statistic::Skewness),
            "sum_fourths" => Some(Statistic::Kurtosis),
            "logs" => Some(Statistic::GeometricMean),
            "reciprocals" => Some(Statistic::HarmonicMean),
            "registers" => Some(Statistic::ApproxDistinct),
            _ => None,
        };
        let mut plan = Plan::new(self.states.split_whitespace().filter_map(statistic));
        if self.states.contains("exponential") {
            plan = plan.with_approx_quantiles([Probability::HALF]);
        }
        if self.states.contains("bins") {
            let edges = self.edges.split_whitespace().map(|edge| edge.parse::<f64>().unwrap());
            plan = plan.with_histogram(Bins::edges(edges).unwrap());
        }
        plan
    }

    fn partial(&self) -> Partial {
        let mut accumulator = Accumulator::new(&self.plan());
        for word in self.numbers.split_whitespace() {
            match word {
                "null" => accumulator.push_null(),
                "invalid" => accumulator.push_invalid(),
                _ => accumulator.push(number(word)).unwrap(),
            }
        }
        let partial = accumulator.into_partial();
        let held = partial.states().to_string();
        let held = held.replace(" + ", " ").replace("counts only", "");
        assert_eq!(held, self.states, "states come by ascending tag, with those that they need");
        partial
    }
}

/// The vectors of the page: each fenced block that ends with bytes.
fn vectors() -> Vec<(Case, Vec<u8>)> {
    let blocks = PAGE.split("```").skip(1).step_by(2);
    let blocks = blocks.filter_map(|block| block.strip_prefix("text\n"));
    blocks.filter(|block| block.contains("\nbytes")).map(vector).collect()
}

fn vector(block: &str) -> (Case, Vec<u8>) {
    let (text, bytes) = block.split_once("\nbytes").unwrap();
    let mut column = Column::default();
    let mut case = None;
    for line in text.lines() {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim().to_owned();
        match name {
            "numbers" => column.numbers = rest,
            "states" => column.states = rest,
            "edges" => column.edges = rest,
            "pairs" => case = Some(Case::Pairs(rest)),
            "weighted" => case = Some(Case::Weighted(rest)),
            other => panic!("{other} is no line of a vector"),
        }
    }
    (case.unwrap_or(Case::Column(column)), bytes.split_whitespace().flat_map(byte_run).collect())
}

/// `0a`, or `00*50`: a byte, and how often it stands there.
fn byte_run(token: &str) -> Vec<u8> {
    let (byte, times) = token.split_once('*').unwrap_or((token, "1"));
    vec![u8::from_str_radix(byte, 16).unwrap(); times.parse().unwrap()]
}

#[test]
fn the_vectors_of_the_page_are_what_is_written_and_read() {
    let vectors = vectors();
    assert!(vectors.len() >= 18, "{} vectors", vectors.len());
    for (case, bytes) in vectors {
        assert_eq!(hex(&case.bytes()), hex(&bytes), "{case:?}");
        assert_eq!(hex(&case.read_and_written(&bytes)), hex(&bytes), "{case:?}");
        let Case::Column(column) = case else { continue };
        let read = Partial::from_bytes(&bytes).unwrap();
        assert_eq!(
            format!("{:?}", read.finalize(&column.plan())),
            format!("{:?}", column.partial().finalize(&column.plan())),
            "{column:?}"
        );
    }
}

/// A fixed list of tags would show here when a section is added without a vector.
#[test]
fn every_state_has_a_vector() {
    let columns = vectors().into_iter().filter_map(|(case, _)| match case {
        Case::Column(column) => Some(column.partial().states()),
        Case::Pairs(_) | Case::Weighted(_) => None,
    });
    let held: exacta::States = columns.collect();
    let all = Column {
        states: "sum sum_squares extremes values sum_cubes sum_fourths logs reciprocals \
                 exponential registers bins"
            .to_owned(),
        edges: EDGES.to_owned(),
        ..Column::default()
    };
    assert_eq!(held, all.partial().states());
}

fn word() -> impl Strategy<Value = String> {
    let float = |value: f64| format!("{value:?}");
    prop_oneof![
        4 => any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite()).prop_map(float),
        3 => (-1e3..1e3).prop_map(float),
        2 => (0u64..1 << 52).prop_map(move |bits| float(f64::from_bits(bits))),
        2 => (-1000i32..1000, -1i64..=1).prop_map(move |(e, ulps)| {
            float(f64::from_bits(2f64.powi(e).to_bits().wrapping_add_signed(ulps)))
        }),
        2 => prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(f64::MAX), Just(f64::MIN)].prop_map(float),
        2 => any::<i64>().prop_map(|value| value.to_string()),
        2 => (u64::MAX - 3000..).prop_map(|value| value.to_string()),
        1 => (-9i64..9).prop_map(|value| value.to_string()),
        1 => prop_oneof![Just("null"), Just("nan"), Just("inf"), Just("-inf"), Just("invalid")]
            .prop_map(str::to_owned),
    ]
}

fn column() -> impl Strategy<Value = Case> {
    let states = prop::sample::select(vec![
        "sum sum_squares extremes values sum_cubes sum_fourths logs reciprocals exponential bins",
        "sum sum_squares extremes values sum_cubes sum_fourths logs reciprocals exponential bins",
        "sum sum_squares sum_cubes logs reciprocals",
        "extremes exponential bins",
        "extremes exponential registers",
    ]);
    let near = prop::collection::vec(
        (0i64..2000).prop_map(|ulps| {
            format!("{:?}", f64::from_bits(1e3f64.to_bits().wrapping_add_signed(ulps << 30)))
        }),
        0..30,
    );
    (prop_oneof![prop::collection::vec(word(), 0..30), near], states).prop_map(|(words, states)| {
        Case::Column(Column {
            numbers: words.join(" "),
            states: states.to_owned(),
            edges: if states.contains("bins") { EDGES } else { "" }.to_owned(),
        })
    })
}

/// Rows of which some miss something.
fn rows() -> impl Strategy<Value = Case> {
    let cell = || word().prop_filter("a number", |it| it != "null" && it != "invalid");
    let weight = cell().prop_filter("a weight", |it| {
        let weight = number(it).to_f64();
        weight.is_finite() && weight >= 0.0
    });
    let row = |second: BoxedStrategy<String>| prop_oneof![9 => (cell(), second).prop_map(|(x, y)| format!("{x},{y}")), 1 => Just("null".to_owned())];
    let rows = |second| prop::collection::vec(row(second), 0..12).prop_map(|rows| rows.join(" "));
    prop_oneof![
        rows(cell().boxed()).prop_map(Case::Pairs),
        rows(weight.boxed()).prop_map(Case::Weighted),
    ]
}

/// So many integers that just less and just more than a third of the registers are met, and nearly all.
fn many() -> impl Iterator<Item = Case> {
    [6_679, 6_680, 30_000].into_iter().map(|n| {
        let numbers: Vec<String> = (0..n).map(|index: u32| index.to_string()).collect();
        let states = "registers".to_owned();
        Case::Column(Column { numbers: numbers.join(" "), states, ..Column::default() })
    })
}

/// How many multisets are compared, unless `EXACTA_FORMAT_CASES` says it.
const CASES: usize = 2000;

#[test]
fn python_writes_the_same_bytes_from_the_page_alone() {
    let Some(mut python) = oracle::python() else { return };
    let n_cases = std::env::var("EXACTA_FORMAT_CASES").map_or(CASES, |it| it.parse().unwrap());
    let mut runner = TestRunner::deterministic();
    let case = prop_oneof![3 => column(), 1 => rows()];
    let drawn = (0..n_cases).map(|_| case.new_tree(&mut runner).unwrap().current());
    let vectors = vectors().into_iter().map(|(case, _)| case);
    let cases: Vec<Case> = vectors.chain(many()).chain(drawn).collect();
    let lines: String = cases.iter().map(Case::line).collect();
    let mut child =
        python.arg(ENCODER).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
        child.wait_with_output().unwrap()
    });
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), cases.len());
    for (case, expected) in cases.iter().zip(output.lines()) {
        assert_eq!(hex(&case.bytes()), expected, "{case:?}");
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
