# In: nothing. Out: which ops have no rows of a kind, and which rows differ from TensorFlow on purpose: each with why.

_CALLS = "takes functions: tests/unit/graph, tests/python/engine/test_function.py"
_LISTS = "works on a variant: tests/unit/graph, tests/python/engine/test_function.py"
_STREAM = "draws from a stream: tests/unit/engine/random_*_test.cc against tests/data/random"
_TABLE = "works on a table: tests/data/expressions/lookup.json"
_KEYED = "the same numbers as its first version, which has rows; tests/data/random"

OPS = {
    "NcclReduce": "of several GPUs, which TensorFlow's wheel for the CPU has not: tests/unit/cuda/replicas_test.cc",
    **dict.fromkeys(("If", "StatelessIf", "While", "StatelessWhile", "PartitionedCall", "StatefulPartitionedCall", "EagerPyFunc",
                     "CustomGradient"), _CALLS),
    **dict.fromkeys(("EmptyTensorList", "TensorListConcatV2", "TensorListFromTensor", "TensorListGetItem", "TensorListLength", "TensorListPopBack",
                     "TensorListPushBack", "TensorListReserve", "TensorListResize", "TensorListSetItem", "TensorListSplit", "TensorListStack"), _LISTS),
    **dict.fromkeys(("RandomUniform", "RandomUniformInt", "RandomStandardNormal", "TruncatedNormal", "RandomGamma",
                     "RandomPoissonV2", "RandomShuffle", "Multinomial", "NonDeterministicInts", "RngReadAndSkip", "RngSkip",
                     "StatefulRandomBinomial", "StatefulStandardNormalV2", "StatefulTruncatedNormal", "StatefulUniform",
                     "StatefulUniformFullInt", "StatefulUniformInt"), _STREAM),
    **dict.fromkeys(("StatelessRandomUniformV2", "StatelessRandomNormalV2", "StatelessTruncatedNormalV2",
                     "StatelessRandomUniformIntV2", "StatelessRandomUniformFullIntV2", "StatelessRandomGetAlg",
                     "StatelessRandomGetKeyCounter", "StatelessRandomGetKeyCounterAlg", "StatelessRandomGammaV2",
                     "StatelessRandomPoisson", "StatelessRandomBinomial", "StatelessParameterizedTruncatedNormal"), _KEYED),
    **dict.fromkeys(("HashTableV2", "MutableHashTableV2", "MutableHashTableOfTensorsV2", "MutableDenseHashTableV2", "LookupTableFindV2",
                     "LookupTableSizeV2", "LookupTableExportV2", "LookupTableImportV2", "LookupTableInsertV2", "LookupTableRemoveV2",
                     "InitializeTableV2", "InitializeTableFromTextFileV2"), _TABLE),
    **dict.fromkeys(("RaggedBincount", "SparseBincount", "DenseCountSparseOutput", "SparseCountSparseOutput", "RaggedCountSparseOutput",
                     "SparseTensorDenseMatMul"), "works on parts of composites: tests/data/expressions/{text_layers,sparse_functions}.json"),
    **dict.fromkeys(("ImageProjectiveTransformV2", "ImageProjectiveTransformV3"), "every way of filling: tests/data/expressions/image_transforms.json"),
    **dict.fromkeys(("DecodeImage", "DecodePng", "DecodeJpeg", "DecodeAndCropJpeg", "DecodeBmp", "DecodeGif", "ExtractJpegShape", "EncodePng",
                     "EncodeJpeg"), "works on files of images: tests/data/expressions/image_files.json"),
    **dict.fromkeys(("CropAndResize", "CropAndResizeGradImage", "CropAndResizeGradBoxes", "NonMaxSuppressionV3", "NonMaxSuppressionV5",
                     "DrawBoundingBoxes", "DrawBoundingBoxesV2"),
                    "works on boxes, with its gradients: tests/data/expressions/boxes.json"),
    "NinefoldRecalled": "our own, in the place of an op that is not done twice: tests/data/expressions/effects_in_gradients.json",
    **dict.fromkeys(("NinefoldLSTM", "NinefoldLSTMGrad", "NinefoldGRU", "NinefoldGRUGrad"),
                    "our own, calls of loops in a GraphDef: tests/replay/programs/recurrent.py"),
    **dict.fromkeys(("SparseCross", "SparseCrossV2", "RaggedCross", "ParseSequenceExampleV2", "ReadFile", "WriteFile", "MatchingFiles"),
                    "works on parts of composites, on messages or on files: tests/data/expressions/composite_functions.json"),
    "Const": "a literal: every row has some", "Placeholder": "an argument of a graph", "Timestamp": "the time of day",
    "PrintV2": "prints: tests/python/engine", "Assert": "tests/python/engine: its text is the caller's",
    "VarIsInitializedOp": "true of every variable that Python can hold",
}
KINDS = {
    **dict.fromkeys((("Identity", "error"), ("StopGradient", "error"), ("PreventGradient", "error"), ("ZerosLike", "error"), ("VariableShape", "error"), ("Cast", "error")),
                    "takes every dtype and shape"),
    **dict.fromkeys(((name, "special") for name in ("Angle", "ComplexAbs", "Conj", "Imag", "Real")), "complex numbers only, whose specials differ by library"),
    **dict.fromkeys(((name, "special") for name in ("LogicalAnd", "LogicalOr", "LogicalNot", "LeftShift", "RightShift")), "nothing is special"),
    **dict.fromkeys(((name, "empty") for name in ("MaxPoolWithArgmax", "MatrixBandPart", "ResourceSparseApplyAdagrad",
                     "ResourceSparseApplyAdagradV2", "ResourceSparseApplyFtrl", "ResourceSparseApplyFtrlV2")), "TensorFlow refuses empty tensors"),
    ("RandomIndexShuffle", "empty"): "takes scalars",
}
# op -> ((part of the comparison's text, reason), ...)
_BFLOAT = ("TensorFlow's is float32", "TensorFlow's graph rewriting answers in float32 for bfloat16 images")
_MEMORY = ("result 3", "what is not defined without training is left-over memory in TensorFlow")
_NONE = ("TensorFlow's is []", "what was not asked for has no elements here, and no shape in TensorFlow")
DIFFERS = {
    **{name: (_BFLOAT,) for name in ("AvgPool", "Conv2D", "Conv2DBackpropInput", "DepthwiseConv2dNative")},
    "Conv2DBackpropFilter": (_BFLOAT, ("gives [['float32', [3, 3, 2, 3]", "dilated filters have gradients on the CPU here")),
    **dict.fromkeys(("CTCLoss", "CTCBeamSearchDecoder"), (("'inputs': 'float64", "TensorFlow adds probabilities with single precision"),)),
    "DecodeBase64": (("TensorFlow raises", "a lone character is left out"),),
    "DepthwiseConv2dNativeBackpropFilter": (("empty", "TensorFlow leaves memory as it was"),),
    **dict.fromkeys(("FFT", "FFT2D"), (("special", "what is not a number reaches every element"),)),
    "ResizeBilinear": (("[1] value gradient", "of float64 images it is summed with single weights"),),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2"), (
        _BFLOAT, _MEMORY, ("result 4", _MEMORY[1]), ("4 or 5-dimensional", "their formats have four dimensions"))),
    "FusedBatchNormV3": (_BFLOAT, ("'x': 'bfloat16", _BFLOAT[1]), _MEMORY, ("result 4", _MEMORY[1]), ("result 5", _NONE[1])),
    "FusedBatchNormGradV3": (("result 3", _NONE[1]), ("result 4", _NONE[1]),
                             ("gradient: of", "TensorFlow's second derivative of batch normalisation is not that of finite differences")),
    "MatrixInverse": (("value gradient", "of the adjoint TensorFlow's derivative is not that of finite differences"),),
    **{name: (("special", "minus infinity stays what it is"), ("TensorFlow raises", "of no images there are no greatest elements")) for name in ("MaxPool", "MaxPoolWithArgmax")},
    "MaxPool3DGrad": (("no entry for: MaxPool3DGrad", "no second derivative, as yet"),),
    **{name: (("TensorFlow raises", "a row without columns needs no step"),) for name in
       ("ResourceSparseApplyAdagrad", "ResourceSparseApplyAdagradV2", "ResourceSparseApplyFtrl", "ResourceSparseApplyFtrlV2")},
    "SelfAdjointEigV2": (_NONE,),
    "SoftmaxCrossEntropyWithLogits": (("special", "0 times minus infinity counts as 0"),),
    "StatelessRandomUniformInt": (("TensorFlow raises", "bounds may be tensors"),),
    "TridiagonalSolve": (("value gradient", "of complex numbers TensorFlow's lacks the conjugate"),),
    "Svd": (_NONE,),
    "Eig": (_NONE,),
    "MatrixSquareRoot": (("value gradient", "of complex matrices TensorFlow's lacks the conjugate"),),
    "BesselY1": (("special", "of 0 minus infinity in each dtype; TensorFlow has no number in float32"),),
    "Erf": (("special", "TensorFlow flushes what is nearly subnormal"),),
    "FloorDiv": (("special", "a quotient just below 0 is rounded down, not flushed"),),
    "Pow": (("special", "(-0)^-1 is minus infinity, as IEEE 754 has it"),),
    "TruncateDiv": (("error", "integers only"),),
}
# op -> why finite differences do not apply
FINITE = {
    "PreventGradient": "it refuses gradients", "CTCLoss": "what flows into its second result, a derivative, counts for nothing, as in TensorFlow",
    "RFFT": "its result is complex", "Eig": "its result is complex", "IRFFT": "its argument is complex",
    "ResizeBilinear": "its result is float32, whatever it is given",
    "Cast": "its result is rounded to another dtype", "Cholesky": "it reads one triangle, its gradient is that of symmetric matrices",
    "SelfAdjointEigV2": "with eigenvectors only: tests/unit/engine/linalg_ops_test.cc",
    "SoftmaxCrossEntropyWithLogits": "its gradient takes labels to add up to 1, these do not: tests/unit/engine/nn_ops_test.cc has some",
    **dict.fromkeys(("UnsortedSegmentMax", "UnsortedSegmentMin"), "the 1.8e308 of an empty segment drowns the sum: its unit test has none"),
}
FINITE_INPUTS = {}    # (op, input) -> the same for one input
# row of public_rows.py -> why it differs
PUBLIC = {
    "tf.cast(3.9, int)": "Python's int is int32 here; TensorFlow knows float and bool, not int",
    "1.5 * i": "refused by the op, not by the conversion of 1.5",
    "tf.concat([], 0)": "TensorFlow speaks of kernel constraints",
    "tf.linalg.tridiagonal_solve(tf.constant([[1., 1., 0.], [4., 4., 4.], [0., 1., 1.]]), [1., 2., 3.])": "a list is as good as a tensor here",
    "tf.math.confusion_matrix([0, 3], [1, 1], num_classes=2)": "TensorFlow adds the first elements",
    "tf.matmul(v, v)": "refused by BatchMatMulV2, in other words",
    "tf.debugging.assert_near(1., 1.1)": "whole numbers are written without .0",
    "tf.strings.upper(3)": "refused by the op, not by the conversion of 3",
}
# Functions that have rows and are not there yet: docs/roadmap.md.
ABSENT = frozenset("""
broadcast_static_shape debugging.assert_same_float_dtype debugging.assert_shapes extract_volume_patches
image.crop_and_resize image.non_max_suppression math.sobol_sample math.special.fresnel_cos
math.special.fresnel_sin nn.collapse_repeated nn.scale_regularization_loss parallel_stack
quantization.fake_quant_with_min_max_args""".split())
ABSENT = frozenset("tf." + name for name in ABSENT)
