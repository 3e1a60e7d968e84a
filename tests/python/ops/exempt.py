# In: nothing. Out: which ops have no rows of a kind, and which rows differ from TensorFlow on purpose: each with why.

_CALLS = "takes functions: tests/unit/graph, tests/python/engine/test_function.py"
_LISTS = "works on a variant: tests/unit/graph, tests/python/engine/test_function.py"
_STREAM = "draws from a stream: tests/unit/engine/random_*_test.cc against tests/data/random"
_KEYED = "the same numbers as its first version, which has rows; tests/data/random"

OPS = {
    **dict.fromkeys(("If", "StatelessIf", "While", "StatelessWhile", "PartitionedCall", "StatefulPartitionedCall", "EagerPyFunc",
                     "CustomGradient"), _CALLS),
    **dict.fromkeys(("EmptyTensorList", "TensorListFromTensor", "TensorListGetItem", "TensorListLength", "TensorListPopBack",
                     "TensorListPushBack", "TensorListReserve", "TensorListResize", "TensorListSetItem", "TensorListStack"), _LISTS),
    **dict.fromkeys(("RandomUniform", "RandomUniformInt", "RandomStandardNormal", "TruncatedNormal", "RandomGamma",
                     "RandomPoissonV2", "RandomShuffle", "Multinomial", "NonDeterministicInts", "RngReadAndSkip", "RngSkip",
                     "StatefulRandomBinomial", "StatefulStandardNormalV2", "StatefulTruncatedNormal", "StatefulUniform",
                     "StatefulUniformFullInt", "StatefulUniformInt"), _STREAM),
    **dict.fromkeys(("StatelessRandomUniformV2", "StatelessRandomNormalV2", "StatelessTruncatedNormalV2",
                     "StatelessRandomUniformIntV2", "StatelessRandomUniformFullIntV2", "StatelessRandomGetAlg",
                     "StatelessRandomGetKeyCounter", "StatelessRandomGetKeyCounterAlg", "StatelessRandomGammaV2",
                     "StatelessRandomPoisson", "StatelessRandomBinomial", "StatelessParameterizedTruncatedNormal"), _KEYED),
    "Const": "a literal: every row has some", "Placeholder": "an argument of a graph", "Timestamp": "the time of day",
    "PrintV2": "prints: tests/python/engine", "Assert": "tests/python/engine: its text is the caller's",
    "VarIsInitializedOp": "true of every variable that Python can hold",
}
KINDS = {}
DIFFERS = {}          # op -> ((part of the comparison's text, reason), ...)
FINITE = {}           # op -> why finite differences do not apply
FINITE_INPUTS = {}    # (op, input) -> the same for one input
PUBLIC = {}           # row of public_rows.py -> why it differs
