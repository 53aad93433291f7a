//! Bytes from outside that pass the checksum: sections changed, cut short, swapped between partials and lying
//! about lengths. They are refused, or they are a partial that merges, subtracts and finalizes without a panic.

use exacta::{
    Accumulator, Bins, Error, Nonfinite, PairAccumulator, PairPartial, PairStatistic, Partial,
    Plan, Probability, QuantileMethod, Statistic, WeightedAccumulator, WeightedPartial,
    WeightedStatistic,
};
use proptest::prelude::*;

/// The first bytes of every partial of a column.
const HEAD: &[u8] = b"EXCT\x01\x01";
const PAIRS: &[u8] = b"EXCT\x01\x02";
const WEIGHTED: &[u8] = b"EXCT\x01\x03";

fn everything() -> Plan {
    let edges = [-1e300, -1.0, 0.0, 0.1, 500.0, 9_007_199_254_740_992.0];
    Plan::new(Statistic::ALL.iter().copied())
        .with_quantiles(["0", "1/3", "0.99"].map(|p| p.parse().unwrap()))
        .with_approx_quantiles(["0", "0.5", "1"].map(|p| p.parse::<Probability>().unwrap()))
        .with_quantile_method(QuantileMethod::MedianUnbiased)
        .with_histogram(Bins::edges(edges).unwrap())
        .with_exact()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn read_varint(bytes: &mut &[u8]) -> u64 {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let (head, rest) = bytes.split_at(length);
    *bytes = rest;
    head.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f))
}

fn framed(body: &[u8]) -> Vec<u8> {
    framed_as(HEAD, body)
}

fn framed_as(head: &[u8], body: &[u8]) -> Vec<u8> {
    let frame = [head, &varint(body.len() as u64), body].concat();
    let checksum = crc32fast::hash(&frame);
    [&frame[..], &checksum.to_le_bytes()].concat()
}

/// The counts and sections of a partial.
#[derive(Clone, Debug)]
struct Body {
    counts: [u64; 6],
    sections: Vec<(u8, Vec<u8>)>,
}

impl Body {
    fn of(values: &[f64], nulls: u64) -> Self {
        let mut accumulator = Accumulator::new(&everything());
        accumulator.update(values).unwrap();
        (0..nulls).for_each(|_| accumulator.push_null());
        let bytes = accumulator.into_partial().to_bytes().unwrap();
        let mut rest = bytes.strip_prefix(HEAD).unwrap();
        read_varint(&mut rest);
        let mut rest = &rest[..rest.len() - 4];
        let counts = std::array::from_fn(|_| read_varint(&mut rest));
        let mut sections = Vec::new();
        while let Some((tag, mut after)) = rest.split_first() {
            let length = read_varint(&mut after) as usize;
            sections.push((*tag, after[..length].to_vec()));
            rest = &after[length..];
        }
        Self { counts, sections }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut body: Vec<u8> = self.counts.iter().copied().flat_map(varint).collect();
        for (tag, content) in &self.sections {
            body.push(*tag);
            body.extend(varint(content.len() as u64));
            body.extend(content);
        }
        framed(&body)
    }
}

/// Refused, or a partial with these bytes that nothing makes panic; whether it was taken.
fn is_taken(bytes: &[u8]) -> bool {
    let Ok(partial) = Partial::from_bytes(bytes) else { return false };
    assert_eq!(partial.to_bytes().unwrap(), bytes);
    let plan = everything();
    for policy in [Nonfinite::Propagate, Nonfinite::Skip, Nonfinite::Reject] {
        let _ = partial.finalize(&plan.clone().with_nonfinite(policy));
    }
    // Each alone, since the partial may hold the states of only some of them.
    for statistic in Statistic::ALL {
        let _ = partial.finalize(&Plan::new([*statistic]).with_exact());
    }
    let approximate = Plan::new([]).with_approx_quantiles([Probability::HALF]);
    let _ = partial.finalize(&approximate);
    let mut doubled = partial.clone();
    if doubled.merge(partial.clone()).is_ok() && doubled.subtract(&partial).is_ok() {
        assert_eq!(doubled.to_bytes().unwrap(), bytes);
    }
    true
}

/// As [`is_taken`], of partials of rows.
macro_rules! are_rows_taken {
    ($type:ty, $statistics:expr, $bytes:expr) => {
        <$type>::from_bytes($bytes).is_ok_and(|partial| {
            assert_eq!(partial.to_bytes(), *$bytes);
            for policy in [Nonfinite::Propagate, Nonfinite::Skip, Nonfinite::Reject] {
                let Ok(summary) = partial.finalize(policy) else { continue };
                for statistic in $statistics {
                    let _ = summary.get(*statistic);
                }
            }
            let mut doubled = partial.clone();
            if doubled.merge(partial.clone()).is_ok() && doubled.subtract(&partial).is_ok() {
                assert_eq!(doubled.to_bytes(), *$bytes);
            }
            true
        })
    };
}

fn are_pairs_taken(bytes: &[u8]) -> bool {
    let taken = are_rows_taken!(PairPartial, PairStatistic::ALL, bytes);
    if let Ok(partial) = PairPartial::from_bytes(bytes)
        && let Ok(summary) = partial.finalize(Nonfinite::Skip)
        && let Some(correlation) = summary.get(PairStatistic::Correlation).finite()
    {
        assert!(correlation.abs() <= 1.0, "no sums may give {correlation}");
    }
    taken
}

fn are_weights_taken(bytes: &[u8]) -> bool {
    are_rows_taken!(WeightedPartial, WeightedStatistic::ALL, bytes)
}

/// The body in the frame.
fn body_of(bytes: &[u8]) -> Vec<u8> {
    let mut rest = &bytes[HEAD.len()..bytes.len() - 4];
    read_varint(&mut rest);
    rest.to_vec()
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => any::<u64>().prop_map(f64::from_bits),
        4 => -1e3..1e3,
        2 => (0u64..1 << 52).prop_map(f64::from_bits),
        2 => prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(f64::MAX), Just(f64::MIN)],
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY)],
    ];
    let positive = prop_oneof![1e-3..1e3, Just(1.0), (1u64..1 << 62).prop_map(f64::from_bits)];
    prop_oneof![
        prop::collection::vec(value, 0..20),
        prop::collection::vec(positive, 0..20),
        prop::collection::vec(Just(2.5), 0..3),
    ]
}

#[derive(Clone, Debug)]
enum Edit {
    Flip(u8),
    Set(u8),
    Insert(u8),
    Remove,
    CutShort,
    /// An integer of ten bytes, such as a count or a length that overflows.
    Overflow,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (0u8..8).prop_map(Edit::Flip),
        2 => any::<u8>().prop_map(Edit::Set),
        1 => any::<u8>().prop_map(Edit::Insert),
        1 => Just(Edit::Remove),
        1 => Just(Edit::CutShort),
        1 => Just(Edit::Overflow),
    ]
}

fn apply(content: &mut Vec<u8>, edit: &Edit, place: prop::sample::Index) {
    if content.is_empty() {
        content.push(0);
    }
    let place = place.index(content.len());
    match edit {
        Edit::Flip(bit) => content[place] ^= 1 << bit,
        Edit::Set(byte) => content[place] = *byte,
        Edit::Insert(byte) => content.insert(place, *byte),
        Edit::Remove => drop(content.remove(place)),
        Edit::CutShort => content.truncate(place),
        Edit::Overflow => drop(content.splice(place..=place, varint(u64::MAX))),
    }
}

proptest! {
    /// The list of all values alone would give away every lie: so sections are left out as `kept` says.
    #[test]
    fn edited_sections_are_refused_or_harmless(
        values in values(),
        kept in any::<u16>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), edit()), 1..4),
    ) {
        let mut body = Body::of(&values, 0);
        body.sections.retain(|(tag, _)| kept >> tag & 1 == 1);
        prop_assert!(is_taken(&body.bytes()), "any set of true states is one");
        for (section, place, edit) in edits {
            let n_sections = body.sections.len();
            if let Some((_, content)) = body.sections.get_mut(section.index(n_sections + 1)) {
                apply(content, &edit, place);
            } else {
                body.counts[place.index(6)] ^= 1 << section.index(64);
            }
        }
        is_taken(&body.bytes());
    }

    /// States of one multiset beside those of another.
    #[test]
    fn sections_of_two_multisets_are_refused_or_harmless(
        left in values(), right in values(), chosen in any::<u16>(), kept in any::<u16>(),
    ) {
        let (mut body, other) = (Body::of(&left, 0), Body::of(&right, 0));
        for (section, other) in body.sections.iter_mut().zip(other.sections) {
            if chosen >> section.0 & 1 == 1 {
                *section = other;
            }
        }
        body.sections.retain(|(tag, _)| kept >> tag & 1 == 1);
        is_taken(&body.bytes());
    }

    #[test]
    fn bytes_without_any_form_are_refused_or_harmless(body in prop::collection::vec(any::<u8>(), 0..60)) {
        is_taken(&framed(&body));
        are_pairs_taken(&framed_as(PAIRS, &body));
        are_weights_taken(&framed_as(WEIGHTED, &body));
        is_taken(&body);
    }

    #[test]
    fn edited_sums_of_rows_are_refused_or_harmless(
        values in values(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), edit()), 1..4),
    ) {
        let (mut pairs, mut weighted) = (PairAccumulator::default(), WeightedAccumulator::default());
        for row in values.chunks_exact(2) {
            pairs.push(row[0], row[1]).unwrap();
            let weight = if row[1].is_finite() { row[1].abs() } else { 2.0 };
            weighted.push(row[0], weight).unwrap();
        }
        let (pairs, weighted) = (pairs.into_partial().to_bytes(), weighted.into_partial().to_bytes());
        prop_assert!(are_pairs_taken(&pairs) && are_weights_taken(&weighted));
        prop_assert!(!is_taken(&pairs) && !are_pairs_taken(&weighted) && !are_weights_taken(&pairs));
        let (mut pairs, mut weighted) = (body_of(&pairs), body_of(&weighted));
        for (place, edit) in edits {
            apply(&mut pairs, &edit, place);
            apply(&mut weighted, &edit, place);
        }
        are_pairs_taken(&framed_as(PAIRS, &pairs));
        are_weights_taken(&framed_as(WEIGHTED, &weighted));
    }

    /// Small counts and sums in any way: some are those of rows, more are not.
    #[test]
    fn sums_of_rows_at_random_are_refused_or_harmless(
        count in 0u8..4, sums in prop::collection::vec((any::<bool>(), -3i32..3, 0u8..12), 5),
    ) {
        let number = |(negative, exponent, odd): &(bool, i32, u8)| match odd % 12 {
            0 => vec![0, 0],
            odd => vec![2 + u8::from(*negative), (exponent << 1 ^ exponent >> 31) as u8, odd | 1],
        };
        let counts = [count, 0, 1, 0, 0, 0];
        let body = |n: usize| [&counts[..], &sums[..n].iter().flat_map(number).collect::<Vec<_>>()].concat();
        are_pairs_taken(&framed_as(PAIRS, &body(5)));
        are_weights_taken(&framed_as(WEIGHTED, &body(4)));
    }

    #[test]
    fn a_frame_cut_short_or_continued_is_refused(values in values(), cut in any::<prop::sample::Index>()) {
        let bytes = Body::of(&values, 2).bytes();
        prop_assert!(is_taken(&bytes));
        prop_assert!(!is_taken(&bytes[..cut.index(bytes.len())]));
        prop_assert!(!is_taken(&[&bytes[..], &[0]].concat()));
    }
}

#[test]
fn sections_come_once_in_their_order() {
    let body = Body::of(&[1.0, 2.0], 1);
    assert!(is_taken(&body.bytes()));
    for index in 1..body.sections.len() {
        let mut swapped = body.clone();
        swapped.sections.swap(index - 1, index);
        assert!(!is_taken(&swapped.bytes()));
        let mut twice = body.clone();
        twice.sections.insert(index, body.sections[index].clone());
        assert!(!is_taken(&twice.bytes()));
    }
}

/// Lengths that promise more than there is, in the frame, in a section and in a list.
#[test]
fn lengths_that_lie_take_no_memory() {
    let huge = varint(u64::MAX / 2);
    let section = |tag: u8, content: &[u8]| {
        let counts = [0; 6];
        framed(&[&counts[..], &[tag], &varint(content.len() as u64), content].concat())
    };
    let frame = [HEAD, &huge, &[0; 40]].concat();
    assert!(matches!(Partial::from_bytes(&frame), Err(Error::PartialInvalid { .. })));
    for tag in 0..=12 {
        let zeros = [0; 8];
        for content in [&huge[..], &[&[0xa0, 1, 40, 0, 0], &huge[..]].concat(), &zeros] {
            let taken = Partial::from_bytes(&section(tag, content));
            assert!(matches!(taken, Err(Error::PartialInvalid { .. })), "section {tag}: {taken:?}");
        }
    }
}
