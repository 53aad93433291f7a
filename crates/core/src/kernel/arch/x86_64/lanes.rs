//! The vectors of x86-64: two lanes in SSE2, which every such processor has, four in AVX2, eight in AVX-512.

use super::super::vector::Vector;
#[allow(clippy::wildcard_imports)] // the intrinsics that the macro is given
use core::arch::x86_64::*;

/// Implements `Vector` for one width by the names of its intrinsics.
macro_rules! vector {
    ($type:ty, $lanes:literal, $splat:ident $load:ident $store:ident $add:ident $sub:ident $mul:ident
     $min:ident $max:ident $and:ident $or:ident) => {
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
        _mm_min_pd _mm_max_pd _mm_and_pd _mm_or_pd);
vector!(__m256d, 4, _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_add_pd _mm256_sub_pd
        _mm256_mul_pd _mm256_min_pd _mm256_max_pd _mm256_and_pd _mm256_or_pd);
vector!(__m512d, 8, _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_add_pd _mm512_sub_pd
        _mm512_mul_pd _mm512_min_pd _mm512_max_pd _mm512_and_pd _mm512_or_pd);
