// In: elements some leaves of which are ragged or sparse tensors, as their parts. Out: what the stages that batch and
// unbatch do with them. Forms say of each leaf what it is; a leaf without one is a tensor.
#pragma once

#include "train/data/stage.h"

namespace ninefold::data {

Tensors batch_of(const ElementForms& forms, const std::vector<Tensors>& elements);
int64_t rows_of(const ElementForms& forms, const Tensors& batch);   // raises where components differ in it
Tensors row_of(const ElementForms& forms, const Tensors& batch, int64_t i);
Structure batched(const Structure&, const ElementForms& forms, int64_t first);
Structure unbatched(const Structure&, const ElementForms& forms);

}  // namespace ninefold::data
