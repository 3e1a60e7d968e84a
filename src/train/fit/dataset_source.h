// In: a tf.data pipeline of batches. Out: the same as fit takes them.
#pragma once

#include "ninefold/data.h"
#include "ninefold/keras.h"

namespace ninefold::keras {

BatchSourcePtr batches_of(DatasetPtr dataset);
// Batches of rows of values some of which are ragged or sparse, through a pipeline, as Keras makes them.
BatchSourcePtr rows_of_composites(const Value& x, const Value& y, const Value& sample_weight, int64_t batch_size, bool shuffle);

}  // namespace ninefold::keras
