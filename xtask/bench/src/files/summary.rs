//! Count, sum, mean, minimum, maximum and standard deviation of columns: of one and of eight, of text and of Parquet,
//! of many rows and of few; and of one the median and the 99th percentile too.

use super::data::{self, DOUBLE, N_FEW, NUMBERS};
use super::peers::{datamash, miller};
use super::process::{cells, of_json, of_qsv, of_xan, of_xan_with_median};
use super::{
    Bench, DUCKDB, DUCKDB_IN_PYTHON, EXACTA, MILLER, POLARS, Task, XAN, at_most_of_polars,
    faster_than_all,
};
use crate::claim::Claim;
use crate::error::Error;
use crate::race::{Contender, Promise, Question, Race};

const ONE_THREAD: &str = "exacta, one thread";
const DECIMAL: &str = "exacta, `--decimal`";
const XAN_MEDIAN: &str = "xan, the median and no 99th percentile";
const QSV: &str = "qsv, with an index";
const DATAMASH: &str = "datamash";

/// What is asked, and of which columns.
#[derive(Clone, Copy)]
struct Asked<'a> {
    bench: &'a Bench,
    title: &'static str,
    file: &'static str,
    columns: &'static [&'static str],
    n_rows: usize,
    expected: &'a [f64],
}

impl<'a> Asked<'a> {
    fn doubles(bench: &'a Bench, title: &'static str, file: &'static str) -> Self {
        // The quantiles stand at the end.
        let expected = &bench.data.answers.doubles[..data::STATISTICS.len()];
        Self { bench, title, file, columns: &[DOUBLE], n_rows: bench.extent.doubles, expected }
    }

    fn mixed(bench: &'a Bench, title: &'static str, file: &'static str) -> Self {
        let expected = &bench.data.answers.mixed;
        Self { bench, title, file, columns: &NUMBERS, n_rows: bench.extent.mixed, expected }
    }

    /// Lets all run, and says what must come out.
    fn race(
        self,
        contenders: Vec<Contender>,
        claims: impl FnOnce(&Race) -> Vec<Claim>,
    ) -> Result<Task, Error> {
        let question = Question::new(self.title, self.n_rows, self.file);
        let race = Race::run(question, self.expected, self.bench.extent.n_rounds, contenders)?;
        let claims = claims(&race);
        self.bench.task(race, claims)
    }

    /// exacta with these flags beside those that say what is asked.
    fn exacta(self, name: &'static str, promise: Promise, flags: &[&str]) -> Contender<'a> {
        let columns = self.columns.join(",");
        let asked = ["-s", "count,sum,mean,min,max,stddev", "-c", &columns, self.file];
        let program = self.bench.peers.exacta(&[&asked, flags].concat());
        self.bench.contender(name, promise, program, of_json)
    }

    fn near(
        self,
        name: &'static str,
        program: super::process::Program,
        reader: super::process::Reader,
    ) -> Contender<'a> {
        self.bench.contender(name, Promise::Near, program, reader)
    }

    /// Those that read Parquet as well as text.
    fn databases(self, more_in_sql: &str, more_in_polars: &str) -> Vec<Contender<'a>> {
        let (peers, file) = (&self.bench.peers, self.file);
        let figures = |column: &&str| {
            let head = format!("count({column}), sum({column}), avg({column}), min({column})");
            let more = more_in_sql.replace("{}", column);
            format!("{head}, max({column}), stddev_samp({column}){more}")
        };
        let figures: Vec<_> = self.columns.iter().map(figures).collect();
        let query = format!("select {} from '{file}'", figures.join(", "));
        let (_, format) = file.rsplit_once('.').expect("it is the name of a file");
        let columns = format!("'{}'", self.columns.join("', '"));
        let select = format!(
            "select(f(col(c)).alias(f'{{c}}{{i}}') for c in [{columns}] for i, f in enumerate(figures))"
        );
        let figures = format!(
            "E = pl.Expr; figures = [E.count, E.sum, E.mean, E.min, E.max, E.std{more_in_polars}]; "
        );
        let polars = peers.polars(&figures, &format!("scan_{format}('{file}').{select}"));
        vec![
            self.near(DUCKDB, peers.duckdb(&query), cells),
            self.near(DUCKDB_IN_PYTHON, peers.duckdb_in_python(&query), cells),
            self.near(POLARS, polars, cells),
        ]
    }

    /// Those that read text alone, without datamash, which knows no quotes.
    fn tools(self) -> Vec<Contender<'a>> {
        let (peers, columns) = (&self.bench.peers, self.columns.join(","));
        let accumulators = "count,sum,mean,min,max,stddev";
        let xan = peers.xan(&["stats", "-p", "-s", &columns, self.file]);
        let qsv = peers.qsv_stats(&columns, self.file);
        let miller = miller(&["stats1", "-a", accumulators, "-f", &columns, self.file]);
        vec![
            self.near(XAN, xan, of_xan),
            self.near(QSV, qsv, of_qsv),
            self.near(MILLER, miller, cells),
        ]
    }

    /// exacta and all tools that read quoted text.
    fn all(self) -> Vec<Contender<'a>> {
        let mut contenders = vec![
            self.exacta(EXACTA, Promise::Exact, &[]),
            self.exacta(ONE_THREAD, Promise::Exact, &["-t", "1"]),
        ];
        contenders.extend(self.databases("", ""));
        contenders.extend(self.tools());
        contenders
    }
}

const TITLE: &str = "Count, sum, mean, min, max, stddev of one column";

pub(super) fn of_doubles(bench: &Bench) -> Result<Task, Error> {
    let asked = Asked::doubles(bench, TITLE, data::DOUBLES);
    let of_x = ["count", "sum", "mean", "min", "max", "sstdev"].map(|name| [name, DOUBLE]);
    let datamash = datamash(of_x.as_flattened()).reading(asked.file);
    let mut contenders = asked.all();
    contenders.push(asked.near(DATAMASH, datamash, cells));
    asked.race(contenders, |race| {
        vec![faster_than_all(race, "one column", 2.0), at_most_of_polars("one column")]
    })
}

pub(super) fn of_mixed(bench: &Bench) -> Result<Task, Error> {
    let title = "Count, sum, mean, min, max, stddev of eight of ten columns";
    let asked = Asked::mixed(bench, title, data::MIXED);
    asked.race(asked.all(), |race| {
        vec![faster_than_all(race, "eight columns", 1.8), at_most_of_polars("eight columns")]
    })
}

/// Where it counts how soon a process is there.
pub(super) fn of_few(bench: &Bench) -> Result<Task, Error> {
    let mixed = Asked::mixed(bench, "The same of a small file", data::FEW);
    let asked = Asked { n_rows: N_FEW, expected: &bench.data.answers.few, ..mixed };
    asked.race(asked.all(), |_| {
        let what = "a small file, milliseconds from start to end".to_owned();
        vec![Claim::milliseconds_at_most(what, EXACTA, 10.0)]
    })
}

pub(super) fn with_quantiles(bench: &Bench) -> Result<Task, Error> {
    let title = "The same with the exact median and 99th percentile";
    let expected = &bench.data.answers.doubles;
    let asked = Asked { expected, ..Asked::doubles(bench, title, data::DOUBLES) };
    let in_polars = ", E.median, lambda c: c.quantile(0.99, 'linear')";
    let mut contenders = asked.databases(", quantile_cont({}, [0.5, 0.99])", in_polars);
    let xan = bench.peers.xan(&["stats", "-p", "-q", "-s", DOUBLE, asked.file]);
    contenders.extend([
        asked.exacta(EXACTA, Promise::Exact, &["-q", "0.5,0.99"]),
        bench.contender(XAN_MEDIAN, Promise::NearInPart, xan, of_xan_with_median),
    ]);
    asked.race(contenders, |race| vec![faster_than_all(race, "with median and p99", 3.5)])
}

pub(super) fn of_parquet(bench: &Bench) -> Result<Task, Error> {
    parquet(Asked::doubles(bench, "The same of Parquet, one column", data::DOUBLES_PARQUET))
}

pub(super) fn of_mixed_parquet(bench: &Bench) -> Result<Task, Error> {
    let title = "The same of Parquet, eight of ten columns";
    parquet(Asked::mixed(bench, title, data::MIXED_PARQUET))
}

fn parquet(asked: Asked) -> Result<Task, Error> {
    let mut contenders = asked.databases("", "");
    contenders.push(asked.exacta(EXACTA, Promise::Exact, &[]));
    asked.race(contenders, |_| {
        let claim = |peer| {
            let what = format!("{}, against {peer}", asked.file);
            Claim::at_least(what, [peer, EXACTA], 1.0, None)
        };
        vec![claim(DUCKDB), claim(DUCKDB_IN_PYTHON)]
    })
}

pub(super) fn in_decimal(bench: &Bench) -> Result<Task, Error> {
    let title = "The same of the numbers as they are written";
    let asked = Asked::doubles(bench, title, data::DOUBLES);
    let contenders = vec![
        asked.exacta(EXACTA, Promise::Exact, &[]),
        asked.exacta(DECIMAL, Promise::Near, &["--decimal"]),
    ];
    asked.race(contenders, |_| {
        let what = "`--decimal`, against binary64".to_owned();
        vec![Claim::at_least(what, [EXACTA, DECIMAL], 1.5, None)]
    })
}
