// In: copies and constants, as moves.h has them, on the device that a kernel runs on. Out: the same there; and the
// parameters of a copy's launch, which are pure, so tested without a card.
#pragma once

#include "engine/ops/moves.h"
#include "engine/ops/moves_launch.h"

namespace ninefold::ops {

// A kernel that touches elements by these alone runs on either device (on_both_devices in moves.gpu.cc).
void move_strided(const KernelCtx&, DType, Dims shape, void* to, Dims to_strides, const void* from, Dims from_strides);
void move_run(const KernelCtx&, DType, void* to, const void* from, int64_t n);
void fill_run(const KernelCtx&, DType, void* to, const void* element, int64_t n);   // `element` lies there, too

// `element` lies with the host; a number is cast to the dtype.
void fill_bytes(const KernelCtx&, DType, void* to, const void* element, int64_t n);
Tensor number_as(double, DType);                  // a scalar that the host holds
void fill_number(const KernelCtx&, DType, void* to, double number, int64_t n);
// Output 0 is the rows of params along an axis, one an index, as GatherV2 has them.
void take_rows(const KernelCtx&, const Tensor& params, const Tensor& indices, int axis, int batch);

// Dtypes of kernels that copy, of those that compute, of those that compute with fractions.
constexpr DType kPlain[] = {DType::f32, DType::f64, DType::i32, DType::u8, DType::i16, DType::i8, DType::c64, DType::i64,
                            DType::boolean, DType::bf16, DType::u16, DType::c128, DType::f16, DType::u32, DType::u64};
constexpr DType kComputed[] = {DType::f32, DType::f64, DType::i32, DType::u8, DType::i16, DType::i8, DType::i64, DType::bf16,
                               DType::u16, DType::f16, DType::u32, DType::u64};
constexpr DType kFractions[] = {DType::f16, DType::bf16, DType::f32, DType::f64};
constexpr DType kComplex[] = {DType::c64, DType::c128};
constexpr DType kBool = DType::boolean;

// The CPU's kernels of the op are the GPU's, too: they touch elements by words that know the device.
void on_both_devices(const char* op, std::span<const DType> keys = kPlain);

// Dimensions of one go; neighbours that lie alike in both become one.
cuda::Move laid_out(Dims shape, Dims to_strides, Dims from_strides);

}  // namespace ninefold::ops
