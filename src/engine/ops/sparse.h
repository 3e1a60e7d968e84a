// In: places and values of sparse tensors. Out: the steps that functions of them are made of, each of ops.
#pragma once

#include "engine/ops/ragged.h"

namespace ninefold::ops::sparse {

SparseRef argument(const Args& a, std::string_view name);   // raises TypeError if it is no sparse tensor
SparseRef argument(const Value& v);
Tensor column(const Tensor& indices, int64_t axis);         // [n]; negative axes count from the last
Tensor columns(const Tensor& indices, const std::vector<int64_t>& axes);   // [n, axes]
int rank_of(const Sparse& s);                               // raises ValueError if it is not known
Tensor one_of(const Tensor& vector, int64_t at);            // a scalar
Tensor product(const Tensor& sizes);                        // int64, of all
// The number of each place among all places of a tensor of these sizes, and back: [n, rank] <-> [n].
Tensor flat_places(const Tensor& indices, const Tensor& sizes);
Tensor places_of(const Tensor& flat, const Tensor& sizes);
SparseRef in_order(const Tensor& indices, const Tensor& values, const Tensor& dense_shape);
SparseRef kept(const Sparse& s, const Tensor& which);       // those elements of which a bool vector says so
// Each place once, in order, and for each element which of them is its own; how many there are.
struct Merged { Tensor indices, own, count; };
Merged merged(const Tensor& indices, const Tensor& dense_shape);

}  // namespace ninefold::ops::sparse
