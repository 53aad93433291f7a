//! Files of every format as bodies, as they are and compressed: the answers of the library, the partials of it, and
//! what is refused, over a real socket.

mod support;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use exacta::{Plan, Probability, Statistic};
use exacta_api::{ColumnSummary, FirstInvalid, SummarizeResponse};
use exacta_scan::{Format, Input, Kind, Place, ScanOptions, Table, scan_as};
use exacta_server::{Limits, Size};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use support::{Answer, Peer, Server};

const MIB: usize = 1 << 20;

const OCTETS: &str = "application/octet-stream";

/// More rows than are taken at once, and more bytes than are computed among what is small.
const N_ROWS: usize = 9_000;

fn number(row: usize) -> f64 {
    (row as f64).sqrt() * 1e3 - 7e4
}

fn batch() -> RecordBatch {
    let numbers: Float64Array = (0..N_ROWS).map(|row| (row % 7 > 0).then(|| number(row))).collect();
    let wide: Int64Array = (0..N_ROWS as i64).map(|row| Some(i64::MAX - row)).collect();
    let words: StringArray = (0..N_ROWS).map(|row| Some(format!("word {row}"))).collect();
    let columns: [(&str, ArrayRef); 3] =
        [("x", Arc::new(numbers)), ("wide", Arc::new(wide)), ("t", Arc::new(words))];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn arrow_stream() -> Vec<u8> {
    let batch = batch();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    for start in (0..N_ROWS).step_by(2_500) {
        writer.write(&batch.slice(start, 2_500.min(N_ROWS - start))).unwrap();
    }
    writer.into_inner().unwrap()
}

fn arrow_file() -> Vec<u8> {
    let batch = batch();
    let options = IpcWriteOptions::default();
    let options = options.try_with_compression(Some(CompressionType::ZSTD)).unwrap();
    let mut writer =
        FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn parquet() -> Vec<u8> {
    let batch = batch();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// The rows of a text, each made by `row` of its number and what the cell of a number is.
fn text(header: &str, row: impl Fn(usize, &str) -> String) -> Vec<u8> {
    let rows = (0..N_ROWS).map(|index| {
        let cell = if index % 7 > 0 { format!("{:e}", number(index)) } else { String::new() };
        row(index, &cell)
    });
    format!("{header}{}", rows.collect::<String>()).into_bytes()
}

fn floats() -> Vec<u8> {
    (0..N_ROWS).flat_map(|row| number(row).to_le_bytes()).collect()
}

/// An array of two columns, in the order of C or of Fortran.
fn npy(is_fortran: bool) -> Vec<u8> {
    let order = if is_fortran { "True" } else { "False" };
    let shape = N_ROWS / 2;
    let header = format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': ({shape}, 2), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &floats()].concat()
}

/// Each format, a file of it, and a query that says how it is read.
fn files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let csv = text("x,t\n", |row, x| format!("{x},\"word, {row}\"\n"));
    let semicolons = text("", |row, x| format!("{x};{row}\n"));
    let ndjson = text("", |row, x| match x {
        "" => format!("{{\"t\":\"{row}a\"}}\n"),
        x => format!("{{\"at\":{{\"x\":{x}}},\"t\":\"{row}a\"}}\n"),
    });
    vec![
        ("csv", csv, ""),
        ("csv", b"x\n1\n2\n".to_vec(), ""),
        ("csv", semicolons, "delimiter=;&names=a,b"),
        ("tsv", text("x\tt\n", |row, x| format!("{x}\tword {row}\n")), ""),
        ("ndjson", ndjson, ""),
        ("arrow", arrow_stream(), ""),
        ("arrow", arrow_file(), ""),
        ("parquet", parquet(), ""),
        ("npy", npy(false), "names=a,b"),
        ("npy", npy(true), ""),
        ("f64", floats(), ""),
        ("f64", floats(), "names=a,b"),
    ]
}

/// How files are sent, with each plan.
const ENCODINGS: [&[&str]; 3] =
    [&["identity", "gzip"], &["identity", "zstd"], &["identity", "x-gzip"]];

/// A plan, and how it stands in a query.
fn plans() -> [(Plan, &'static str); 3] {
    let quantiles = ["0.5", "1/3"].map(|p| p.parse::<Probability>().unwrap());
    let moments = [Statistic::Sum, Statistic::Stddev, Statistic::Kurtosis, Statistic::Max];
    [
        (Plan::default(), ""),
        (Plan::new(moments), "statistics=sum,stddev,kurtosis,max"),
        (
            Plan::new([Statistic::Distinct]).with_quantiles(quantiles),
            "statistics=distinct&quantiles=0.5,1/3",
        ),
    ]
}

fn options(query: &str) -> ScanOptions {
    let mut options = ScanOptions::default();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "names" => options.names = value.split(',').map(str::to_owned).collect(),
            "delimiter" => options.delimiter = value.as_bytes()[0],
            name => panic!("{name} has no option"),
        }
    }
    options
}

/// The table that the library makes of a file.
fn table(format: &str, file: &[u8], query: &str, plan: &Plan) -> Table {
    let format: Format = format.parse().unwrap();
    scan_as(format, Input::stream(file), &options(query), plan).unwrap()
}

/// What the library says of a table, as the service writes it.
fn summary(table: &Table, plan: &Plan) -> String {
    let column = |column: &exacta_scan::Column| {
        let place = column.first_invalid.and_then(|place| match place {
            Place::Text { line, column, offset } => Some(FirstInvalid { line, column, offset }),
            Place::Row(_) => None,
        });
        let is_text = column.kind == Kind::Text;
        let (name, partial) = (&column.name, &column.partial);
        ColumnSummary::of_file(name, partial, plan, false, place, is_text).unwrap()
    };
    let columns = table.columns.iter().map(column).collect();
    serde_json::to_string(&SummarizeResponse { columns }).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// A body in an encoding that a header names.
fn encoded(encoding: &str, file: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => gzip(file),
        "zstd" => zstd(file),
        // One frame or member behind the other is one stream.
        "x-gzip" => [gzip(&file[..file.len() / 2]), gzip(&file[file.len() / 2..])].concat(),
        _ => file.to_vec(),
    }
}

fn post(server: &Server, path: &str, encoding: &str, body: &[u8]) -> Answer {
    let headers = format!("content-type: {OCTETS}\r\ncontent-encoding: {encoding}\r\n");
    server.send(&format!("POST {path} HTTP/1.1\r\n{headers}"), body)
}

#[track_caller]
fn check_problem(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    let problem = answer.problem();
    assert_eq!(problem["code"], code, "{problem}");
    problem
}

#[test]
fn every_format_and_encoding_gives_what_the_library_gives() {
    let server = Server::start();
    for (format, file, reading) in files() {
        for ((plan, asked), encodings) in plans().into_iter().zip(ENCODINGS) {
            let table = table(format, &file, reading, &plan);
            let (summary, partial) = (summary(&table, &plan), table.to_bytes().unwrap());
            for encoding in encodings {
                let body = encoded(encoding, &file);
                let query = format!("{format}?{asked}&{reading}").replace("?&", "?");
                let query = query.trim_end_matches(['&', '?']);
                let answer = post(&server, &format!("/v1/summarize/{query}"), encoding, &body);
                assert_eq!((answer.status, answer.text()), (200, summary.as_str()), "{query}");
                let answer = post(&server, &format!("/v1/partials/{query}"), encoding, &body);
                assert_eq!((answer.status, answer.body == partial), (200, true), "{query}");
                assert_eq!(answer.header("content-type"), Some(OCTETS));
            }
        }
    }
}

/// A request whose body comes in chunks.
fn begin(server: &Server, path: &str, encoding: &str) -> Peer {
    let mut peer = server.connect();
    let headers = format!("host: x\r\ncontent-encoding: {encoding}\r\ntransfer-encoding: chunked");
    peer.send(format!("POST {path} HTTP/1.1\r\n{headers}\r\n\r\n"));
    peer
}

fn send_chunk(peer: &mut Peer, chunk: &[u8]) {
    peer.send(format!("{:x}\r\n", chunk.len()));
    peer.send(chunk);
    peer.send("\r\n");
}

/// How a body is cut on its way does not show.
#[test]
fn a_body_may_come_in_pieces_of_any_size() {
    let server = Server::start();
    let file = &files()[0].1;
    let plan = Plan::default();
    let expected = summary(&table("csv", file, "", &plan), &plan);
    for (encoding, piece) in [("identity", 1_000), ("identity", 100_000), ("zstd", 777)] {
        let mut peer = begin(&server, "/v1/summarize/csv", encoding);
        encoded(encoding, file).chunks(piece).for_each(|chunk| send_chunk(&mut peer, chunk));
        peer.send("0\r\n\r\n");
        assert_eq!(peer.answer().text(), expected, "{encoding} {piece}");
    }
}

#[test]
fn shards_are_merged_to_the_bytes_of_the_whole() {
    let server = Server::start();
    let file = floats();
    let partial = |file: &[u8]| {
        post(&server, "/v1/partials/f64?statistics=median,stddev", "identity", file).body
    };
    let shards = [&file[..8_000], &file[8_000..8_800], &file[8_800..]].map(partial);
    let whole = partial(&file);
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let body = order.map(|index| shards[index].as_slice()).concat();
        let answer = post(&server, "/v1/merge", "identity", &body);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(OCTETS)));
        assert!(answer.body == whole, "{order:?}");
    }
    let one = post(&server, "/v1/merge", "identity", &whole);
    assert!(one.body == whole);
}

#[test]
fn what_is_no_row_of_partials_is_refused_with_its_place() {
    let server = Server::start();
    let partial = |query: &str, file: &str| {
        let path = format!("/v1/partials/csv?statistics={query}");
        post(&server, &path, "identity", file.as_bytes()).body
    };
    let merge = |body: &[u8]| post(&server, "/v1/merge", "identity", body);
    let (x, more, y) =
        (partial("sum", "x\n1\n"), partial("max", "x\n1\n"), partial("sum", "y\n1\n"));
    let behind = x.len();
    let cases = [
        ([&x[..], b"EXTB"].concat(), 400, "table.invalid"),
        ([&x[..], b"x,y\n"].concat(), 400, "table.invalid"),
        ([&x[..], b"EXTB\x07"].concat(), 400, "table.version"),
        ([&x[..], &x[..behind - 1]].concat(), 400, "table.invalid"),
        ([&x[..], &more].concat(), 422, "plan.mismatch"),
        ([&x[..], &y].concat(), 422, "column.missing"),
    ];
    for (body, status, code) in cases {
        let problem = check_problem(&merge(&body), status, code);
        assert_eq!(problem["offset"], behind);
        assert!(problem["detail"].as_str().unwrap().starts_with("partial 2, at byte"), "{problem}");
    }
    check_problem(&merge(b""), 400, "input.empty");
    check_problem(&post(&server, "/v1/merge?flexible=true", "identity", &x), 400, "query.unknown");
    check_problem(&post(&server, "/v1/merge", "gzip", &x), 415, "content_encoding.unsupported");
    check_problem(&server.post("/v1/merge", "text/csv", &x), 415, "media_type.unsupported");
    // Any byte of a partial that is another one is seen.
    for at in 0..behind {
        let mut edited = x.clone();
        edited[at] ^= 0x40;
        let answer = merge(&edited);
        assert_eq!(answer.status, 400, "{at}: {}", answer.text());
        answer.problem();
    }
}

#[test]
fn a_file_is_what_its_headers_say() {
    let server = Server::start();
    let send = |format: &str, headers: &str| {
        server.send(&format!("POST /v1/summarize/{format} HTTP/1.1\r\n{headers}"), b"1\n2\n")
    };
    for (format, taken) in [
        ("csv", "text/csv; charset=utf-8"),
        ("tsv", "text/tab-separated-values"),
        ("ndjson", "application/x-ndjson"),
        ("ndjson", "Application/JSONL"),
    ] {
        assert_eq!(send(format, &format!("content-type: {taken}\r\n")).status, 200, "{taken}");
    }
    assert_eq!(send("csv", "").status, 200);
    for (format, refused) in [
        ("tsv", "text/csv"),
        ("ndjson", "application/json"),
        ("f64", "text/plain"),
        ("npy", "text/csv"),
    ] {
        let answer = send(format, &format!("content-type: {refused}\r\n"));
        check_problem(&answer, 415, "media_type.unsupported");
    }
    let twice = "content-encoding: gzip\r\ncontent-encoding: zstd\r\n";
    let others = ["br", "gzip, gzip", "deflate", "xz", "aws-chunked"];
    let others = others.map(|name| format!("content-encoding: {name}\r\n"));
    for headers in others.iter().map(String::as_str).chain([twice]) {
        let answer = send("csv", headers);
        check_problem(&answer, 415, "content_encoding.unsupported");
        assert_eq!(answer.header("accept-encoding"), Some("gzip, zstd"), "{headers}");
    }
    // Nothing is guessed: what is compressed and does not say so is what the path says.
    check_problem(
        &post(&server, "/v1/summarize/csv", "identity", &gzip(b"x\n1\n")),
        400,
        "csv.nul",
    );
    check_problem(
        &post(&server, "/v1/summarize/parquet", "identity", b"x\n1\n"),
        400,
        "parquet.invalid",
    );
}

#[test]
fn a_parameter_that_a_format_does_not_have_is_refused() {
    let server = Server::start();
    for (path, parameter) in [
        ("summarize/parquet", "delimiter=;"),
        ("summarize/tsv", "delimiter=;"),
        ("summarize/ndjson", "no_headers=true"),
        ("summarize/arrow", "names=x"),
        ("summarize/npy", "null=NA"),
        ("summarize/f64", "invalid=count"),
        ("partials/csv", "bits=true"),
        ("partials/csv", "exact=true"),
        ("partials/f64", "quantile_method=linear"),
    ] {
        let answer = post(&server, &format!("/v1/{path}?{parameter}"), "identity", b"");
        check_problem(&answer, 400, "query.unknown");
    }
    let twice = post(&server, "/v1/summarize/f64?names=x,x", "identity", b"");
    check_problem(&twice, 400, "names.repeated");
    let mismatch = post(&server, "/v1/summarize/npy?names=x", "identity", &npy(false));
    check_problem(&mismatch, 422, "names.mismatch");
}

#[test]
fn what_is_cut_short_is_refused() {
    let server = Server::start();
    let csv = &files()[0].1;
    for encoding in ["gzip", "zstd"] {
        let whole = encoded(encoding, csv);
        for end in [0, 1, 10, whole.len() / 2, whole.len() - 1] {
            let answer = post(&server, "/v1/summarize/csv", encoding, &whole[..end]);
            let code = if end == 0 { "input.empty" } else { "compression.invalid" };
            if answer.status != 400 || end > 0 {
                check_problem(&answer, 400, code);
            }
        }
        let trailed = [&whole[..], b"and more"].concat();
        assert_eq!(
            post(&server, "/v1/summarize/csv", encoding, &trailed).status,
            400,
            "{encoding}"
        );
    }
    for (format, file, code) in [
        ("parquet", parquet(), "parquet.invalid"),
        ("arrow", arrow_file(), "arrow.invalid"),
        ("npy", npy(false), "npy.invalid"),
        ("npy", npy(true), "npy.invalid"),
        ("f64", floats(), "raw.length"),
    ] {
        let end = file.len() - 4;
        let answer = post(&server, &format!("/v1/summarize/{format}"), "identity", &file[..end]);
        check_problem(&answer, 400, code);
    }
}

/// What a body decodes to has a limit of its own, and memory does not grow towards it.
#[test]
fn a_bomb_is_refused_while_it_goes_off() {
    let server = Server::with(Limits { decoded_max: Size::of(MIB as u64), ..Limits::default() });
    let lines = b"1\n".repeat(2 * MIB);
    for encoding in ["gzip", "zstd"] {
        let bomb = encoded(encoding, &lines);
        assert!(bomb.len() < MIB, "{encoding}: {}", bomb.len());
        for path in ["/v1/summarize/csv", "/v1/partials/ndjson", "/v1/summarize/parquet"] {
            let answer = post(&server, path, encoding, &bomb);
            check_problem(&answer, 413, "body.decoded_too_large");
        }
        let fits = encoded(encoding, &lines[..MIB]);
        assert_eq!(post(&server, "/v1/summarize/csv", encoding, &fits).status, 200);
    }
    // A window that takes more memory than a peer may ask for.
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&lines).unwrap();
    let answer = post(&server, "/v1/summarize/csv", "zstd", &encoder.finish().unwrap());
    check_problem(&answer, 400, "compression.invalid");
}

#[test]
fn what_is_sent_has_its_limit_too() {
    let server = Server::with(Limits { body_max: Size::of(MIB as u64), ..Limits::default() });
    for format in ["csv", "parquet", "f64"] {
        let mut peer = begin(&server, &format!("/v1/summarize/{format}"), "identity");
        for _ in 0..17 {
            send_chunk(&mut peer, &b"1\n".repeat(32 << 10));
        }
        check_problem(&peer.answer(), 413, "body.too_large");
    }
}

#[test]
fn values_that_are_kept_have_a_limit() {
    let limits = Limits { memory_max: Size::of(MIB as u64), ..Limits::default() };
    let server = Server::with(limits);
    let file: Vec<u8> = (0..150_000u32).flat_map(|row| f64::from(row).to_le_bytes()).collect();
    for asked in ["statistics=median", "quantiles=0.9", "statistics=mode", "histogram=auto"] {
        let path = format!("/v1/summarize/f64?{asked}");
        check_problem(&post(&server, &path, "identity", &file), 413, "plan.needs_memory");
        assert_eq!(post(&server, &path, "identity", &file[..80_000]).status, 200, "{asked}");
    }
    for asked in
        ["statistics=stddev,kurtosis", "approx_quantiles=0.9", "statistics=approx_distinct"]
    {
        let path = format!("/v1/summarize/f64?{asked}");
        assert_eq!(post(&server, &path, "identity", &file).status, 200, "{asked}");
    }
}

/// A sketch of hundred bytes takes 16 KiB, and as bytes of a partial may be of any number of columns.
#[test]
fn partials_that_become_large_have_a_limit() {
    let limits = Limits { memory_max: Size::of(MIB as u64), ..Limits::default() };
    let (server, roomy) = (Server::with(limits), Server::start());
    let partial = |n_columns: usize| {
        let csv = format!("{}\n{}\n", columns(n_columns, "x"), columns(n_columns, ""));
        let path = "/v1/partials/csv?statistics=approx_distinct";
        let answer = post(&roomy, path, "identity", csv.as_bytes());
        assert_eq!(answer.status, 200);
        answer.body
    };
    let (few, many) = (partial(20), partial(80));
    assert!(many.len() < 80 * 100);
    let merged = post(&server, "/v1/merge", "identity", &[&few[..], &few].concat());
    assert_eq!(merged.status, 200);
    check_problem(&post(&server, "/v1/merge", "identity", &many), 413, "plan.needs_memory");
}

/// That of nine hundred columns takes 21 MB before it is written.
#[test]
fn an_answer_is_written_where_there_is_memory_for_it() {
    let limits = Limits { memory_max: Size::of(16 * MIB as u64), ..Limits::default() };
    let server = Server::with(limits);
    let edges: Vec<_> = (0..1500).map(|edge| edge.to_string()).collect();
    let path = format!("/v1/partials/csv?histogram={}", edges.join(","));
    let post = |n_columns| {
        let csv = format!("{}\n", columns(n_columns, "x"));
        post(&server, &path, "identity", csv.as_bytes())
    };
    assert_eq!(post(100).status, 200);
    check_problem(&post(900), 413, "plan.needs_memory");
}

fn columns(n_columns: usize, prefix: &str) -> String {
    let cells: Vec<_> = (0..n_columns).map(|index| format!("{prefix}{index}")).collect();
    cells.join(",")
}

#[test]
fn a_batch_and_a_file_that_must_be_kept_have_limits() {
    let limits = Limits {
        memory_max: Size::of(64 << 10),
        spool_max: Size::of(64 << 10),
        ..Limits::default()
    };
    let server = Server::with(limits);
    let roomy = Server::with(Limits { memory_max: Size::of(64 << 10), ..Limits::default() });
    for (server, format, file) in [
        (&server, "arrow", arrow_stream()),
        (&roomy, "arrow", arrow_file()),
        (&roomy, "parquet", parquet()),
    ] {
        let answer = post(server, &format!("/v1/summarize/{format}"), "identity", &file);
        check_problem(&answer, 413, "batch.too_large");
    }
    for (format, file) in [("parquet", parquet()), ("arrow", arrow_file()), ("npy", npy(true))] {
        let answer = post(&server, &format!("/v1/summarize/{format}"), "identity", &file);
        check_problem(&answer, 413, "body.spool_too_large");
    }
    assert_eq!(post(&server, "/v1/summarize/npy", "identity", &npy(false)).status, 200);
}

/// A request that has taken all memory, and waits for more of its body.
fn hold_all(server: &Server) -> Peer {
    loop {
        let mut peer = begin(server, "/v1/summarize/csv", "identity");
        send_chunk(&mut peer, &b"1\n".repeat(MIB / 2));
        // A small request that has some of the memory when it is wanted keeps the large one from it.
        while !peer.has_answer() {
            if small(server).status == 503 {
                return peer;
            }
        }
    }
}

fn small(server: &Server) -> Answer {
    post(server, "/v1/summarize/csv", "identity", b"x\n1\n")
}

/// Its memory comes back: another one gets it.
#[test]
fn a_client_that_vanishes_is_forgotten() {
    let len = Size::of(2 * MIB as u64);
    let limits = Limits { body_max: len, bodies_max: len, ..Limits::default() };
    let server = Server::with(limits);
    for _ in 0..3 {
        drop(hold_all(&server));
        while small(&server).status == 503 {}
    }
    // It may be that each of two wanted what the other had.
    let is_answered = |_| {
        let mut peer = hold_all(&server);
        peer.send("0\r\n\r\n");
        peer.answer().status == 200
    };
    assert!((0..100).any(is_answered));
}

/// Streams that wait for their clients hold no core, and those that compute leave one.
#[test]
fn small_requests_are_answered_beside_large_bodies() {
    let server = Server::start();
    let mut waiting: Vec<_> = (0..20)
        .map(|_| {
            let mut peer = begin(&server, "/v1/summarize/csv", "identity");
            send_chunk(&mut peer, &b"1\n".repeat(100_000));
            peer
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(small(&server).status, 200);
    }
    // Other large ones pass those that wait.
    let large = post(&server, "/v1/summarize/f64", "identity", &floats());
    assert_eq!(large.json()["columns"][0]["count"], N_ROWS);
    for peer in &mut waiting {
        peer.send("0\r\n\r\n");
        assert_eq!(peer.answer().json()["columns"][0]["count"], 100_000);
    }
}

/// A library that believed it would go as deep as this goes, and end the process.
#[test]
fn a_schema_that_is_too_deep_ends_no_service() {
    let server = Server::start();
    // A column that says to have another one in it, in the compact protocol of Thrift.
    let column = [0x35, 0, 0x18, 1, b'a', 0x15, 2, 0];
    let n_columns: u16 = 1 << 14;
    let head = [0x15, 2, 0x19, 0xfc, 0x80, 0x80, 1];
    let footer = [&head[..], &column.repeat(n_columns.into()), &[0]].concat();
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    let file = [b"PAR1", &footer[..], &length, b"PAR1"].concat();
    let answer = post(&server, "/v1/summarize/parquet", "identity", &file);
    check_problem(&answer, 400, "parquet.invalid");
    assert_eq!(small(&server).status, 200);
}

/// The answer does not wait for the rest of a body that is refused at its beginning.
#[test]
fn a_refusal_comes_before_the_end_of_the_body() {
    let server = Server::start();
    let mut peer = begin(&server, "/v1/summarize/csv", "identity");
    send_chunk(&mut peer, b"a,b\n1\n");
    send_chunk(&mut peer, &b"1,2\n".repeat(100_000));
    let problem = check_problem(&peer.answer(), 400, "csv.ragged");
    assert_eq!((&problem["line"], &problem["offset"]), (&json!(2), &json!(4)));
}

#[test]
fn a_body_that_pauses_within_is_408() {
    let stall_timeout = Duration::from_millis(200).into();
    let server = Server::with(Limits { stall_timeout, ..Limits::default() });
    for format in ["csv", "parquet"] {
        let mut peer = begin(&server, &format!("/v1/summarize/{format}"), "identity");
        send_chunk(&mut peer, &b"1\n".repeat(100_000));
        check_problem(&peer.answer(), 408, "body.stalled");
    }
}
