// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: every public function.
#pragma once

#include "ninefold/functions/bitwise.h"
#include "ninefold/functions/debugging.h"
#include "ninefold/functions/image.h"
#include "ninefold/functions/io.h"
#include "ninefold/functions/linalg.h"
#include "ninefold/functions/math.h"
#include "ninefold/functions/math_special.h"
#include "ninefold/functions/nn.h"
#include "ninefold/functions/nn_experimental.h"
#include "ninefold/functions/ragged.h"
#include "ninefold/functions/random.h"
#include "ninefold/functions/random_experimental.h"
#include "ninefold/functions/root.h"
#include "ninefold/functions/signal.h"
#include "ninefold/functions/sparse.h"
#include "ninefold/functions/strings.h"
