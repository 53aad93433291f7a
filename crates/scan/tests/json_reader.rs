//! What is asked of a JSON text, value by value: numbers are those that `serde_json` reads and that Python's `float` gives,
//! whatever the cuts and the threads; and what is no JSON is refused, wherever it stands.

#[path = "../src/oracle.rs"]
mod oracle;

use std::fmt;
use std::io::{self, Read, Write};
use std::process::Stdio;
use std::sync::OnceLock;

use exacta_scan::{JsonError, JsonFault, JsonKind, JsonReader};
use proptest::prelude::*;
use serde_json::Deserializer;
use serde_json::error::Category;

/// A reader that gives what it holds in pieces, whose sizes come again and again.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: &'a [usize],
    n_given: usize,
}

impl<'a> Pieces<'a> {
    fn new(bytes: &'a [u8], sizes: &'a [usize]) -> Self {
        Self { bytes, sizes, n_given: 0 }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.n_given % self.sizes.len()].min(buffer.len());
        self.n_given += 1;
        self.bytes.read(&mut buffer[..size])
    }
}

/// The members of an object, each an array of numbers as their bits.
type Arrays = Vec<(String, Vec<u64>)>;

fn bits(values: &[f64]) -> impl Iterator<Item = u64> {
    values.iter().map(|value| value.to_bits())
}

/// Reads an object of arrays, a batch of numbers at a time.
fn arrays(mut reader: JsonReader<'_>) -> Result<Arrays, JsonError> {
    let mut arrays = Vec::new();
    let mut batch = Vec::new();
    reader.begin_object()?;
    while let Some(name) = reader.next_name()? {
        let mut values = Vec::new();
        reader.begin_array()?;
        while reader.numbers(&mut batch)? {
            values.extend(bits(&batch));
        }
        values.extend(bits(&batch));
        arrays.push((name, values));
    }
    reader.end().map(|()| arrays)
}

/// The same by threads.
fn arrays_by_threads(bytes: &[u8]) -> Result<Arrays, JsonError> {
    let mut reader = JsonReader::from_bytes(bytes);
    let mut arrays = Vec::new();
    reader.begin_object()?;
    while let Some(name) = reader.next_name()? {
        let mut values = Vec::new();
        reader.begin_array()?;
        let take = |share: &mut Vec<u64>, batch: &[f64]| share.extend(bits(batch));
        reader.fold_numbers(&mut values, Vec::new, take, join)?;
        arrays.push((name, values));
    }
    reader.end().map(|()| arrays)
}

#[allow(clippy::unnecessary_wraps)] // that of others may fail
fn join(values: &mut Vec<u64>, mut shares: Vec<Vec<u64>>) -> Result<(), JsonError> {
    shares.iter_mut().for_each(|share| values.append(share));
    Ok(())
}

/// What `serde_json` makes of it, every member that stands there.
struct Oracle(Arrays);

impl<'de> serde::Deserialize<'de> for Oracle {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Oracle;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Oracle, A::Error> {
                let mut arrays = Vec::new();
                while let Some((name, values)) = map.next_entry::<String, Vec<f64>>()? {
                    arrays.push((name, bits(&values).collect()));
                }
                Ok(Oracle(arrays))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn oracle(bytes: &[u8]) -> serde_json::Result<Arrays> {
    let mut deserializer = Deserializer::from_slice(bytes);
    let Oracle(arrays) = serde::Deserialize::deserialize(&mut deserializer)?;
    deserializer.end().map(|()| arrays)
}

/// Reads a text in every way, and compares: with one another to the byte, and with `serde_json`.
fn check(bytes: &[u8], sizes: &[usize]) -> Result<(), TestCaseError> {
    let whole = arrays(JsonReader::from_bytes(bytes));
    let said = format!("{whole:?}");
    let shown = String::from_utf8_lossy(bytes);
    let cut = arrays(JsonReader::from_input(Pieces::new(bytes, sizes)));
    prop_assert_eq!(&format!("{cut:?}"), &said, "{}", shown);
    let shared = threads().install(|| arrays_by_threads(bytes));
    prop_assert_eq!(&format!("{shared:?}"), &said, "{}", shown);
    match (whole, oracle(bytes)) {
        (Ok(arrays), Ok(expected)) => prop_assert_eq!(arrays, expected, "{}", shown),
        (Err(error), Err(expected)) => check_error(&error, &expected, bytes)?,
        (whole, expected) => prop_assert!(false, "{:?}, not {:?}: {}", whole, expected, shown),
    }
    Ok(())
}

fn threads() -> &'static rayon::ThreadPool {
    static THREADS: OnceLock<rayon::ThreadPool> = OnceLock::new();
    THREADS.get_or_init(|| rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap())
}

/// Both find the same kind of fault first.
fn check_error(
    error: &JsonError,
    expected: &serde_json::Error,
    bytes: &[u8],
) -> Result<(), TestCaseError> {
    let is_shape = expected.classify() == Category::Data;
    let (offset, is_same) = match error {
        JsonError::Fault { offset, .. } => (offset, !is_shape),
        JsonError::Kind { offset, .. } => (offset, is_shape),
        JsonError::OutOfRange { offset, .. } => {
            (offset, expected.to_string().starts_with("number out of range"))
        }
        other => panic!("{other}"),
    };
    prop_assert!(*offset <= bytes.len() as u64);
    // A number of the wrong kind is read to its end here.
    let is_number = expected.to_string().starts_with("invalid type: ")
        && matches!(error, JsonError::Fault { .. });
    prop_assert!(
        is_same || is_number,
        "{}, not {}: {}",
        error,
        expected,
        String::from_utf8_lossy(bytes)
    );
    Ok(())
}

fn literal() -> impl Strategy<Value = String> {
    let finite = any::<f64>().prop_filter("JSON has no others", |value| value.is_finite());
    prop_oneof![
        6 => (-100_000i32..100_000).prop_map(|number| format!("{}", f64::from(number) / 100.0)),
        6 => (0.0..1.0).prop_map(|value: f64| format!("{value:?}")),
        3 => finite.prop_map(|value| format!("{value:?}")),
        3 => any::<i64>().prop_map(|value| value.to_string()),
        3 => "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][-+]?[0-9]{1,3})?",
        1 => prop::sample::select(vec!["-0", "-0.0", "0e9", "1E+2", "18446744073709551615", "1e-400"])
            .prop_map(str::to_owned),
    ]
}

fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "", "", " ", " ", "\n", "\t\r\n  "])
}

/// What is wrong in an array of numbers, or only may be.
fn odd() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1.e1",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "-Infinity",
        "1e999",
        "",
        "-01",
        "--1",
        "\"1\"",
        "\",\"",
        "\"]\"",
        "null",
        "true",
        "fals",
        "[]",
        "[1",
        "{}",
        "1 2",
        "]",
        "}",
        "é",
        "\u{0}",
        "1]",
    ])
}

fn array() -> impl Strategy<Value = String> {
    let element = || {
        let text = prop_oneof![300 => literal(), 1 => odd().prop_map(str::to_owned)];
        (space(), text, space()).prop_map(|(left, text, right)| format!("{left}{text}{right}"))
    };
    prop_oneof![
        3 => prop::collection::vec(element(), 0..8),
        1 => prop::collection::vec(element(), 100..400),
    ]
    .prop_map(|elements| format!("[{}]", elements.join(",")))
}

fn text() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "a",
        "\\u0061\\n",
        "é",
        "",
        "a,]name of more than sixteen bytes",
        "\\ud83d\\ude00",
    ]);
    let member = (space(), name, space(), array(), space())
        .prop_map(|(a, name, b, array, c)| format!("{a}\"{name}\"{b}:{array}{c}"));
    (prop::collection::vec(member, 0..4), space())
        .prop_map(|(members, space)| format!("{space}{{{}}}{space}", members.join(",")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn numbers_are_those_of_serde_json(
        text in text(),
        sizes in prop::collection::vec(1usize..3000, 1..4),
    ) {
        check(text.as_bytes(), &sizes)?;
    }

    #[test]
    fn mutated_bytes_are_read_or_refused_as_by_serde_json(
        text in text(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
        sizes in prop::collection::vec(1usize..40, 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        check(&bytes, &sizes)?;
        check(&bytes[..end.index(bytes.len())], &sizes)?;
    }
}

/// Texts that are no JSON, as a member and as an element: what a public suite of such texts has, in our own words.
const NO_JSON: &[&[u8]] = &[
    // Numbers.
    b"-",
    b"--1",
    b"-01",
    b"-012",
    b"-1.0.",
    b"-2.",
    b"-.5",
    b"-.123",
    b"-NaN",
    b"-Infinity",
    b"-foo",
    b"- 1",
    b"-1x",
    b".",
    b".-1",
    b".2e-3",
    b"+1",
    b"++1234",
    b"+Inf",
    b"0.1.2",
    b"0.3e+",
    b"0.3e",
    b"0.e1",
    b"0E",
    b"0E+",
    b"0e",
    b"0e+",
    b"012",
    b"00",
    b"1 000.0",
    b"1.0e+",
    b"1.0e-",
    b"1.0e",
    b"1eE2",
    b"1+2",
    b"1e1.5",
    b"1_000",
    b"1ea",
    b"1e1\xe5",
    b"2.e+3",
    b"2.e-3",
    b"2.e3",
    b"9.e+",
    b"0x1",
    b"0x42",
    b"123\xe5",
    b"1\xef\xbc\x91",
    b"\xef\xbc\x91",
    b"1.8011670033376514H-308",
    b"1.2a-3",
    b"Inf",
    b"Infinity",
    b"NaN",
    b"nan",
    b"1e",
    b"1.",
    b"0.",
    // Words.
    b"nul",
    b"tru",
    b"fals",
    b"True",
    b"NULL",
    b"nulL",
    b"truth",
    b"a",
    b"undefined",
    b"*",
    b"\xc3\xa9",
    b"\xff",
    b"\x00",
    b"\xef\xbb\xbf1",
    b"\xe2\x81\xa0",
    b"\x0c",
    b"\xc2\xa0",
    b"//x\n1",
    b"/*x*/1",
    b"#1",
    b"<null>",
    b"'a'",
    b"\\u0022a\"",
    // Strings.
    b"\"",
    b"\"a",
    b"\"\\",
    b"\"\\\"",
    b"\"a\nb\"",
    b"\"\t\"",
    b"\"\x00\"",
    b"\"\x1f\"",
    b"\"\\x00\"",
    b"\"\\a\"",
    b"\"\\'\"",
    b"\"\\U0041\"",
    b"\"\\u\"",
    b"\"\\u1\"",
    b"\"\\u00A\"",
    b"\"\\u00G0\"",
    b"\"\\ud834\\Dd\"",
    b"\"\\ud800\"",
    b"\"\\ud800\\u\"",
    b"\"\\ud800\\u1\"",
    b"\"\\udc00\"",
    b"\"\\\xe5\"",
    b"\"\xe5\"",
    b"\"\xc3\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xc0\xaf\"",
    b"\"\xf4\xbf\xbf\xbf\"",
    b"\"a\"b",
    b"\"\\\xf0\x9f\x8c\x80\"",
    // Arrays and objects.
    b"[",
    b"]",
    b"[1",
    b"[1,",
    b"[1,]",
    b"[,1]",
    b"[,]",
    b"[1,,2]",
    b"[1 2]",
    b"[1:2]",
    b"[1}",
    b"[\"a",
    b"[1]]",
    b"[3[4]]",
    b"[*]",
    b"[\"\",]",
    b"{,",
    b"}",
];

#[test]
fn what_is_no_json_is_refused() {
    let refuses = |bytes: &[u8], read: fn(JsonReader<'_>) -> Result<(), JsonError>| {
        let whole = format!("{:?}", read(JsonReader::from_bytes(bytes)).unwrap_err());
        let cut = read(JsonReader::from_input(Pieces::new(bytes, &[1, 2]))).unwrap_err();
        assert_eq!(format!("{cut:?}"), whole, "{}", String::from_utf8_lossy(bytes));
        whole
    };
    for text in NO_JSON {
        let [member, element, top] = [("{\"a\":{\"b\":", "}}"), ("{\"a\":[1,", "]}"), ("", "")]
            .map(|(before, behind)| [before.as_bytes(), text, behind.as_bytes()].concat());
        let as_written = |mut reader: JsonReader<'_>| {
            reader.begin_object()?;
            reader.next_name()?;
            reader.object_text().map(drop)
        };
        let fault = refuses(&member, as_written);
        assert!(fault.starts_with("Fault"), "{fault}: {}", String::from_utf8_lossy(text));
        refuses(&element, |reader| arrays(reader).map(drop));
        refuses(&top, |reader| arrays(reader).map(drop));
    }
}

#[track_caller]
fn check_fault(text: &str, fault: JsonFault, at: u64) {
    match arrays(JsonReader::from_bytes(text.as_bytes())) {
        Err(JsonError::Fault { fault: found, offset }) => {
            assert_eq!((found, offset), (fault, at), "{text}");
        }
        other => panic!("{other:?}: {text}"),
    }
}

#[test]
fn a_fault_is_where_the_grammar_ends() {
    check_fault("", JsonFault::Truncated, 0);
    check_fault("{\"a\":[1,2", JsonFault::Truncated, 9);
    check_fault("{\"a\":[1,]}", JsonFault::TrailingComma, 8);
    check_fault("{\"a\":[1],}", JsonFault::TrailingComma, 9);
    check_fault("{\"a\":[1 2]}", JsonFault::Syntax("a comma or `]`"), 8);
    check_fault("{\"a\" [1]}", JsonFault::Syntax("a colon"), 5);
    check_fault("{a:[1]}", JsonFault::Syntax("a name in quotes"), 1);
    check_fault("{\"a\":[1]}\n}", JsonFault::Trailed, 10);
    check_fault("{\"a\":[01]}", JsonFault::Number, 6);
    check_fault("{\"a\":[1,NaN]}", JsonFault::Nonfinite, 8);
    check_fault("\u{feff}{}", JsonFault::Syntax("a value"), 0);
}

#[test]
fn another_value_is_named_and_where_it_ends() {
    use JsonKind::{Array, Boolean, Null, Number, Object, String};
    let cases = [
        ("[]", Array, Object, 0, None),
        (" null ", Null, Object, 4, None),
        ("{\"a\": \"b\"}", String, Array, 8, None),
        ("{\"a\":{}}", Object, Array, 5, None),
        ("{\"a\":[1,2.5,true]}", Boolean, Number, 15, Some(2)),
        ("{\"a\":[\"1,2\"]}", String, Number, 10, Some(0)),
        ("{\"a\":[1],\"b\":[[1]]}", Array, Number, 14, Some(0)),
        ("{\"a\":-1.5}", Number, Array, 8, None),
    ];
    for case in cases {
        let JsonError::Kind { found, expected, offset, element } =
            arrays(JsonReader::from_bytes(case.0.as_bytes())).unwrap_err()
        else {
            panic!("{}", case.0)
        };
        assert_eq!((case.0, found, expected, offset, element), case);
    }
}

#[test]
fn a_number_out_of_range_is_found_among_many() {
    let many = "1,".repeat(100_000);
    let text = format!("{{\"a\":[{many}-1e309,2]}}");
    for error in [
        arrays(JsonReader::from_bytes(text.as_bytes())).unwrap_err(),
        threads().install(|| arrays_by_threads(text.as_bytes())).unwrap_err(),
    ] {
        let JsonError::OutOfRange { offset, element } = error else { panic!("{error}") };
        assert_eq!((offset, element), (6 + 200_000 + 5, 100_000));
    }
}

#[test]
fn an_object_is_given_as_it_is_written() {
    let object = "{ \"a\" :[{\"b\":\"}\\\"\"},-1.5e3 ],\"é\":null}";
    let text = format!(" {{\"x\" :\n{object} , \"y\":\"\\u00e9\" }}");
    for size in 1..text.len() {
        let sizes = [size];
        let mut reader = JsonReader::from_input(Pieces::new(text.as_bytes(), &sizes));
        reader.begin_object().unwrap();
        assert_eq!(reader.next_name().unwrap().as_deref(), Some("x"));
        assert_eq!(reader.object_text().unwrap(), (object.to_owned(), 8));
        assert_eq!(reader.next_name().unwrap().as_deref(), Some("y"));
        assert_eq!(reader.string().unwrap(), "é");
        assert_eq!(reader.next_name().unwrap(), None);
        reader.end().unwrap();
    }
}

#[test]
fn nothing_in_brackets_reaches_the_stack() {
    for bracket in ["[", "{\"a\":"] {
        let text = format!("{{\"a\":{{\"b\":{}", bracket.repeat(100_000));
        let mut reader = JsonReader::from_bytes(text.as_bytes());
        reader.begin_object().unwrap();
        reader.next_name().unwrap();
        let error = reader.object_text().unwrap_err();
        assert!(matches!(error, JsonError::Fault { fault: JsonFault::Depth, .. }), "{error}");
        let error = arrays(JsonReader::from_bytes(bracket.repeat(100_000).as_bytes())).unwrap_err();
        assert!(matches!(error, JsonError::Kind { .. }), "{error}");
    }
}

/// Text that has no end.
struct Endless(u8);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(self.0);
        Ok(buffer.len())
    }
}

#[test]
fn a_value_without_end_is_refused() {
    for (start, byte) in
        [("{\"", b'a'), ("{\"a\":\"", b'b'), ("{\"a\":[", b'1'), ("{\"a\":[1", b'0')]
    {
        let reader = JsonReader::from_input(start.as_bytes().chain(Endless(byte)));
        let error = arrays(reader).unwrap_err();
        let is_long =
            matches!(error, JsonError::Fault { fault: JsonFault::RecordTooLong { .. }, .. });
        assert!(is_long, "{error}");
    }
}

#[test]
fn an_error_of_the_input_is_told_as_it_is() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("it broke off"))
        }
    }
    let error = arrays(JsonReader::from_input(b"{\"a\":[1,".chain(Broken))).unwrap_err();
    assert_eq!(error.to_string(), "it broke off");
}

/// Literals that lie half way between two neighbours, next to it, and long ones, each with what `float` makes of it.
const HARD_LITERALS: &str = r"
import random, struct
random.seed(20)

def exact(integer, exponent):
    if exponent >= 0:
        return str(integer << exponent)
    digits = str(integer * 5 ** -exponent).rjust(1 - exponent, '0')
    return digits[:exponent] + '.' + digits[exponent:]

def tell(literal):
    print(literal, struct.pack('>d', float(literal)).hex())

for case in range(1500):
    bits = random.randrange(0x7fe << 52) >> random.choice([0, 0, 0, 9, 12, 20, 60])
    exponent, fraction = bits >> 52, bits & (1 << 52) - 1
    integer = fraction | (1 << 52 if exponent else 0)
    half = exact(2 * integer + 1, max(exponent, 1) - 1076)
    zeros = random.choice(['', '0' * 30, '0' * 800])
    point = '' if '.' in half else '.'
    tell(half)
    tell('-' + half + point + zeros + '1')
    if point == '':
        tell(half[:-1] + '4' + '9' * random.choice([1, 30, 800]))
        digits = (half[:2] + half[2:]).replace('.', '').lstrip('0')
        tell(digits + 'e-' + str(len(half) - half.index('.') - 1))
        tell('0.' + digits + 'E' + str(len(digits) - len(half) + half.index('.') + 1))
    tell(repr(struct.unpack('>d', struct.pack('>Q', bits))[0]))
    tell(str(random.getrandbits(random.randrange(1, 130))) + 'e' + str(random.randrange(-340, 250)))
";

#[test]
fn hard_literals_are_those_of_python() {
    let Some(mut python) = oracle::python() else { return };
    let output = python.args(["-c", HARD_LITERALS]).stderr(Stdio::inherit()).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let (literals, expected): (Vec<_>, Vec<_>) =
        output.lines().map(|line| line.split_once(' ').unwrap()).unzip();
    assert!(literals.len() > 8_000);
    let text = format!("{{\"a\":[{}]}}", literals.join(", "));
    let found = arrays(JsonReader::from_bytes(text.as_bytes())).unwrap();
    for ((literal, expected), found) in literals.iter().zip(expected).zip(&found[0].1) {
        let alone = format!("{{\"a\":[{literal}]}}");
        let alone = arrays(JsonReader::from_bytes(alone.as_bytes())).unwrap()[0].1[0];
        let expected = u64::from_str_radix(expected, 16).unwrap();
        assert_eq!((*found, alone), (expected, expected), "{literal}");
    }
}

#[test]
fn a_long_array_is_the_same_however_it_is_read() {
    let mut text = Vec::from("{\"a\":[");
    for index in 0..200_000u64 {
        let bits = index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match index % 7 {
            0 => write!(text, "{bits},").unwrap(),
            1 => write!(text, "{:e} ,", f64::from_bits(bits >> 2)).unwrap(),
            2 => write!(text, " {index}, ").unwrap(),
            _ => write!(text, "{:?},", bits as f64 / 18_446_744_073_709_551_616.0).unwrap(),
        }
    }
    text.extend(b"-0],\"b\":[1],\"c\":[]}");
    check(&text, &[100_000]).unwrap();
}
