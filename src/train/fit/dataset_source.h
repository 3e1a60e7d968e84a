// In: a tf.data pipeline of batches. Out: the same as fit takes them.
#pragma once

#include "ninefold/data.h"
#include "ninefold/keras.h"

namespace ninefold::keras {

BatchSourcePtr batches_of(DatasetPtr dataset);

}  // namespace ninefold::keras
