//! The vectors of x86-64: two lanes in SSE2, which every such processor has, four in AVX2, eight in AVX-512.
//!
//! Every method is one instruction where there is one, and means the same in each width, as
//! `Vector` says; what differs is only how it is reached. What two widths may do differently is
//! which zero a minimum returns and whether a product and a sum are rounded once or twice, and no
//! kernel lets either show.

use super::super::vector::Vector;
#[allow(clippy::wildcard_imports)] // the intrinsics that the macro is given
use core::arch::x86_64::*;

/// Implements `Vector` for one width by the names of its intrinsics.
///
/// The operations that are one intrinsic in every width are named in its head; the others follow as
/// they are.
macro_rules! vector {
    ($type:ty, $lanes:literal, $splat:ident $load:ident $store:ident $add:ident $sub:ident $mul:ident
     $min:ident $max:ident $and:ident $or:ident; $($rest:tt)*) => {
        impl Vector for $type {
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn splat(value: f64) -> Self {
                // SAFETY: the caller vouches for the instruction set.
                unsafe { $splat(value) }
            }

            #[inline(always)]
            unsafe fn load(from: *const f64) -> Self {
                // SAFETY: the caller vouches for the instruction set and the place; no alignment is needed.
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f64) {
                // SAFETY: the caller vouches for the instruction set and the place; no alignment is needed.
                unsafe { $store(to, self) }
            }

            vector!(@binary add $add, sub $sub, mul $mul, min $min, max $max, and $and, or $or);

            #[inline(always)]
            unsafe fn prefetch(place: *const f64) {
                // SAFETY: part of SSE; it ignores a place that cannot be read.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) }
            }

            $($rest)*
        }
    };
    (@binary $($name:ident $intrinsic:ident),+) => {$(
        #[inline(always)]
        unsafe fn $name(self, other: Self) -> Self {
            // SAFETY: the caller vouches for the instruction set.
            unsafe { $intrinsic(self, other) }
        }
    )+};
}

vector!(__m128d, 2, _mm_set1_pd _mm_loadu_pd _mm_storeu_pd _mm_add_pd _mm_sub_pd _mm_mul_pd
        _mm_min_pd _mm_max_pd _mm_and_pd _mm_or_pd;
    vector!(@binary xor _mm_xor_pd);

    #[inline(always)]
    unsafe fn add_bits(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_castsi128_pd(_mm_add_epi64(_mm_castpd_si128(self), _mm_castpd_si128(other))) }
    }

    /// By bytes: there is no test of a whole register.
    #[inline(always)]
    unsafe fn any_bit(self) -> bool {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let zeros = _mm_cmpeq_epi8(_mm_castpd_si128(self), _mm_setzero_si128());
            _mm_movemask_epi8(zeros) != 0xffff
        }
    }

    /// Rounded twice. Kernels only ask where the product is exact, so that is once.
    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_add_pd(_mm_mul_pd(self, factor), addend) }
    }

    /// As [`Vector::mul_add`]; not enough for the error of a product, which is why powers are not
    /// taken here.
    #[inline(always)]
    unsafe fn mul_sub(self, factor: Self, subtrahend: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_sub_pd(_mm_mul_pd(self, factor), subtrahend) }
    }

    #[inline(always)]
    unsafe fn less(self, other: Self, _one: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_sub_pd(self, other) }
    }

    #[inline(always)]
    unsafe fn nonzero(self) -> u32 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_movemask_pd(_mm_cmpneq_pd(self, _mm_setzero_pd())) as u32 }
    }

    #[inline(always)]
    unsafe fn less_than(self, other: Self) -> u32 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_movemask_pd(_mm_cmplt_pd(self, other)) as u32 }
    }

    #[inline(always)]
    unsafe fn finite(self) -> u32 {
        // A number minus itself is zero; an infinity or a NaN minus itself is NaN.
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_movemask_pd(_mm_cmpeq_pd(_mm_sub_pd(self, self), _mm_setzero_pd())) as u32 }
    }

    #[inline(always)]
    unsafe fn nan(self) -> u32 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_movemask_pd(_mm_cmpunord_pd(self, self)) as u32 }
    }

    /// A table of masks: four lanes choose a row, of which two are read.
    #[inline(always)]
    unsafe fn keep(self, lanes: u32) -> Self {
        // SAFETY: SSE2 is part of x86-64; each of the masks has two lanes and more.
        unsafe { _mm_and_pd(self, _mm_loadu_pd(KEPT[lanes as usize & 3].as_ptr().cast())) }
    }

    /// The upper lane moves down unless the lower is kept.
    #[inline(always)]
    unsafe fn pack(self, lanes: u32, to: *mut f64) {
        // SAFETY: SSE2 is part of x86-64; the caller vouches for the place.
        unsafe {
            let low = if lanes & 1 == 0 { _mm_unpackhi_pd(self, self) } else { self };
            _mm_storeu_pd(to, low);
        }
    }

);
vector!(__m256d, 4, _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_add_pd _mm256_sub_pd
        _mm256_mul_pd _mm256_min_pd _mm256_max_pd _mm256_and_pd _mm256_or_pd;
    vector!(@binary xor _mm256_xor_pd);

    #[inline(always)]
    unsafe fn add_bits(self, other: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let sum = _mm256_add_epi64(_mm256_castpd_si256(self), _mm256_castpd_si256(other));
            _mm256_castsi256_pd(sum)
        }
    }

    #[inline(always)]
    unsafe fn any_bit(self) -> bool {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let bits = _mm256_castpd_si256(self);
            _mm256_testz_si256(bits, bits) == 0
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_fmadd_pd(self, factor, addend) }
    }

    #[inline(always)]
    unsafe fn mul_sub(self, factor: Self, subtrahend: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_fmsub_pd(self, factor, subtrahend) }
    }

    /// A subtraction, as in SSE2.
    #[inline(always)]
    unsafe fn less(self, other: Self, _one: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_sub_pd(self, other) }
    }

    #[inline(always)]
    unsafe fn nonzero(self) -> u32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_NEQ_UQ>(self, _mm256_setzero_pd())) as u32 }
    }

    #[inline(always)]
    unsafe fn less_than(self, other: Self) -> u32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(self, other)) as u32 }
    }

    #[inline(always)]
    unsafe fn finite(self) -> u32 {
        // A number minus itself is zero; an infinity or a NaN minus itself is NaN.
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let zero_or_nan = _mm256_sub_pd(self, self);
            _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_ORD_Q>(zero_or_nan, zero_or_nan)) as u32
        }
    }

    #[inline(always)]
    unsafe fn nan(self) -> u32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_UNORD_Q>(self, self)) as u32 }
    }

    #[inline(always)]
    unsafe fn keep(self, lanes: u32) -> Self {
        // SAFETY: the caller vouches for the instruction set; each of the masks has four lanes.
        unsafe { _mm256_and_pd(self, _mm256_loadu_pd(KEPT[lanes as usize & 15].as_ptr().cast())) }
    }

    /// A permutation of halves from a table, since AVX2 cannot compress.
    #[inline(always)]
    unsafe fn pack(self, lanes: u32, to: *mut f64) {
        let order = &COMPRESSED[(lanes & 15) as usize];
        // SAFETY: the caller vouches for the instruction set and the place; the order is eight numbers.
        unsafe {
            let order = _mm256_loadu_si256(order.as_ptr().cast());
            let halves = _mm256_permutevar8x32_epi32(_mm256_castpd_si256(self), order);
            _mm256_storeu_pd(to, _mm256_castsi256_pd(halves));
        }
    }

);
vector!(__m512d, 8, _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_add_pd _mm512_sub_pd
        _mm512_mul_pd _mm512_min_pd _mm512_max_pd _mm512_and_pd _mm512_or_pd;
    vector!(@binary xor _mm512_xor_pd);

    #[inline(always)]
    unsafe fn add_bits(self, other: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let sum = _mm512_add_epi64(_mm512_castpd_si512(self), _mm512_castpd_si512(other));
            _mm512_castsi512_pd(sum)
        }
    }

    #[inline(always)]
    unsafe fn any_bit(self) -> bool {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let bits = _mm512_castpd_si512(self);
            _mm512_test_epi64_mask(bits, bits) != 0
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_fmadd_pd(self, factor, addend) }
    }

    #[inline(always)]
    unsafe fn mul_sub(self, factor: Self, subtrahend: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_fmsub_pd(self, factor, subtrahend) }
    }

    /// −(other·1) + self on the units that multiply. The compiler must not know the 1, or it would
    /// make a subtraction of it.
    #[inline(always)]
    unsafe fn less(self, other: Self, one: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_fnmadd_pd(other, one, self) }
    }

    #[inline(always)]
    unsafe fn nonzero(self) -> u32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_cmp_pd_mask::<_CMP_NEQ_UQ>(self, _mm512_setzero_pd()).into() }
    }

    #[inline(always)]
    unsafe fn less_than(self, other: Self) -> u32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_cmp_pd_mask::<_CMP_LT_OQ>(self, other).into() }
    }

    #[inline(always)]
    unsafe fn finite(self) -> u32 {
        // Neither infinity nor NaN of either kind.
        // SAFETY: the caller vouches for the instruction set.
        unsafe { (!_mm512_fpclass_pd_mask::<0b1001_1001>(self)).into() }
    }

    #[inline(always)]
    unsafe fn nan(self) -> u32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_cmp_pd_mask::<_CMP_UNORD_Q>(self, self).into() }
    }

    /// The mask is a register of its own.
    #[inline(always)]
    unsafe fn keep(self, lanes: u32) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_maskz_mov_pd(lanes as u8, self) }
    }

    #[inline(always)]
    unsafe fn pack(self, lanes: u32, to: *mut f64) {
        // Compressing into a register and storing that is many times faster than compressing into memory.
        // SAFETY: the caller vouches for the instruction set and the place.
        unsafe { _mm512_storeu_pd(to, _mm512_maskz_compress_pd(lanes as u8, self)) }
    }

);

/// For each choice of four lanes, the halves of those chosen in their order.
static COMPRESSED: [[u32; 8]; 16] = compressed();

/// Row by row at compile time: for lanes 1 and 3 the halves 2, 3, 6, 7.
const fn compressed() -> [[u32; 8]; 16] {
    let mut orders = [[0; 8]; 16];
    let mut lanes = 0;
    while lanes < 16 {
        let (mut lane, mut place) = (0, 0);
        while lane < 4 {
            if lanes >> lane & 1 == 1 {
                orders[lanes][place] = 2 * lane as u32;
                orders[lanes][place + 1] = 2 * lane as u32 + 1;
                place += 2;
            }
            lane += 1;
        }
        lanes += 1;
    }
    orders
}

/// For each choice of four lanes, all bits of those chosen and none of the others.
static KEPT: [[u64; 4]; 16] = kept();

/// Bit k of the row's number is lane k.
const fn kept() -> [[u64; 4]; 16] {
    let mut masks = [[0; 4]; 16];
    let mut place = 0;
    while place < 64 {
        let (lanes, lane) = (place / 4, place % 4);
        masks[lanes][lane] = if lanes >> lane & 1 == 1 { u64::MAX } else { 0 };
        place += 1;
    }
    masks
}
