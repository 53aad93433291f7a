//! An input at a service: what is sent of it, where it goes, and the query that asks for the same as here. What an input
//! is by its bytes and its name is found out in `exacta_scan`.

use exacta_client::{
    Client, Encoding, Error as ClientError, SummarizeArrowParams, SummarizeCsvParams,
    SummarizeF64Params, SummarizeNdjsonParams, SummarizeNpyParams, SummarizeParquetParams,
    SummarizeResponse,
};
use exacta_scan::{Compression, Element, Format};

use crate::error::Error;
use crate::input::{Input, Opened};
use crate::progress::Reading;

/// What a service summarizes, and what it keeps as a job, in words.
const SUMMARIZED: &str = "CSV, TSV, NDJSON, Arrow, Parquet, .npy and f64";
const SUBMITTED: &str = "CSV and TSV as jobs";

/// The query of another format: the plan, and those of the other members that it has.
macro_rules! narrowed {
    ($query:ident, $params:ident, $($member:ident),+) => {
        $params {
            statistics: $query.statistics,
            quantiles: $query.quantiles,
            quantile_method: $query.quantile_method,
            nonfinite: $query.nonfinite,
            approx_quantiles: $query.approx_quantiles,
            histogram: $query.histogram,
            exact: $query.exact,
            bits: $query.bits,
            columns: $query.columns,
            $($member: $query.$member,)+
        }
    };
}

/// An input as it is sent.
pub(crate) struct Sent {
    pub(crate) opened: Opened,
    pub(crate) format: Format,
    encoding: Option<Encoding>,
}

impl Sent {
    /// An input of this format, compressed or not. What the service does not undo is undone here.
    pub(crate) fn new(
        opened: Opened,
        format: Format,
        compression: Option<Compression>,
    ) -> Result<Self, exacta_scan::Error> {
        let encoding = match compression {
            None => None,
            Some(Compression::Gzip) => Some(Encoding::Gzip),
            Some(Compression::Zstd) => Some(Encoding::Zstd),
            Some(other) => {
                let reader = other.undo(opened.reader, Compression::WINDOW_BYTES_MAX)?;
                let opened = Opened { reader, length: None };
                return Ok(Self { opened, format, encoding: None });
            }
        };
        Ok(Self { opened, format, encoding })
    }

    /// Which byte separates its cells, if they are separated.
    pub(crate) fn delimiter(&self) -> u8 {
        if self.format == Format::Tsv { b'\t' } else { b',' }
    }

    /// Whether its first line may name its columns.
    pub(crate) fn may_have_header(&self) -> bool {
        matches!(self.format, Format::Csv | Format::Tsv)
    }

    /// Refuses what a service does not summarize.
    pub(crate) fn check_summarized(&self, input: &Input) -> Result<(), Error> {
        match self.format {
            Format::Csv
            | Format::Tsv
            | Format::Ndjson
            | Format::Arrow
            | Format::Parquet
            | Format::Npy
            | Format::Raw(Element::F64) => Ok(()),
            other => Err(not_sent(input, other.to_string(), SUMMARIZED)),
        }
    }

    /// Refuses what a service does not keep as a job.
    pub(crate) fn check_submitted(&self, input: &Input) -> Result<(), Error> {
        if let Some(encoding) = self.encoding {
            return Err(not_sent(input, encoding.name().to_owned(), SUBMITTED));
        }
        if self.may_have_header() {
            return Ok(());
        }
        Err(not_sent(input, self.format.to_string(), SUBMITTED))
    }

    /// Sends it, with the query of a CSV file as far as its format has one.
    pub(crate) fn summarize(
        self,
        client: &Client,
        query: SummarizeCsvParams,
        reading: &Reading,
    ) -> Result<SummarizeResponse, ClientError> {
        let mut body = self.opened.counted(reading).body();
        if let Some(encoding) = self.encoding {
            body = body.encoded(encoding);
        }
        match self.format {
            Format::Ndjson => client
                .summarize_ndjson(body, &narrowed!(query, SummarizeNdjsonParams, invalid, null)),
            Format::Arrow => {
                client.summarize_arrow(body, &narrowed!(query, SummarizeArrowParams, invalid, null))
            }
            Format::Parquet => {
                let query = narrowed!(query, SummarizeParquetParams, invalid, null);
                client.summarize_parquet(body, &query)
            }
            Format::Npy => client.summarize_npy(body, &narrowed!(query, SummarizeNpyParams, names)),
            Format::Raw(_) => {
                client.summarize_f64(body, &narrowed!(query, SummarizeF64Params, names))
            }
            _ => client.summarize_csv(body, &query),
        }
    }
}

fn not_sent(input: &Input, what: String, taken: &'static str) -> Error {
    Error::NotSent { input: input.name(), what, taken }
}
