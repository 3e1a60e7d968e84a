// In: nothing. Out: the part of cuDNN 9's interface that is used: its functions, its numbers. cuDNN's header need not be there where
// this is compiled; where it is, dnn.cu holds these numbers against it.
#pragma once

#include <cstdint>

namespace ninefold::cuda::dnn {

using Handle = void*;
using Descriptor = void*;

#define NF_DNN_FUNCTIONS(visit)                                                                       \
  visit(create, cudnnCreate, (Handle*))                                                               \
  visit(set_stream, cudnnSetStream, (Handle, void*))                                                  \
  visit(make, cudnnBackendCreateDescriptor, (int kind, Descriptor*))                                  \
  visit(drop, cudnnBackendDestroyDescriptor, (Descriptor))                                            \
  visit(finish, cudnnBackendFinalize, (Descriptor))                                                   \
  visit(set, cudnnBackendSetAttribute, (Descriptor, int name, int type, int64_t count, const void*))  \
  visit(get, cudnnBackendGetAttribute, (const void*, int name, int type, int64_t most, int64_t* count, void*)) \
  visit(execute, cudnnBackendExecute, (Handle, Descriptor plan, Descriptor pack))

// Recurrent layers, which cuDNN's graph interface does not have.
#define NF_RECURRENT_FUNCTIONS(visit)                                                                 \
  visit(make_layer, cudnnCreateRNNDescriptor, (void**))                                               \
  visit(drop_layer, cudnnDestroyRNNDescriptor, (void*))                                               \
  visit(set_layer, cudnnSetRNNDescriptor_v8, (void*, int algorithm, int cell, int bias, int direction, int input, int type, int precision, \
                                              int math, int32_t in, int32_t units, int32_t projected, int32_t layers, void* dropout, uint32_t flags)) \
  visit(make_data, cudnnCreateRNNDataDescriptor, (void**))                                            \
  visit(drop_data, cudnnDestroyRNNDataDescriptor, (void*))                                            \
  visit(set_data, cudnnSetRNNDataDescriptor, (void*, int type, int layout, int steps, int batch, int size, const int* lengths, void* fill)) \
  visit(make_tensor, cudnnCreateTensorDescriptor, (void**))                                           \
  visit(drop_tensor, cudnnDestroyTensorDescriptor, (void*))                                           \
  visit(set_tensor, cudnnSetTensorNdDescriptor, (void*, int type, int rank, const int* sizes, const int* strides)) \
  visit(weight_bytes, cudnnGetRNNWeightSpaceSize, (Handle, void* layer, size_t*))                     \
  visit(other_bytes, cudnnGetRNNTempSpaceSizes, (Handle, void* layer, int mode, void* x, size_t* workspace, size_t* reserve)) \
  visit(weight_at, cudnnGetRNNWeightParams, (Handle, void* layer, int32_t of_layer, size_t bytes, const void* weights, int32_t gate, \
                                             void* matrix, void** matrix_at, void* bias, void** bias_at))  \
  visit(forward, cudnnRNNForward, (Handle, void* layer, int mode, const int32_t* lengths, void* x_data, const void* x, void* y_data, void* y, \
                                   void* h_data, const void* hx, void* hy, void* c_data, const void* cx, void* cy, size_t weight_bytes, \
                                   const void* weights, size_t workspace_bytes, void* workspace, size_t reserve_bytes, void* reserve)) \
  visit(back_to_data, cudnnRNNBackwardData_v8, (Handle, void* layer, const int32_t* lengths, void* y_data, const void* y, const void* dy, \
                                   void* x_data, void* dx, void* h_data, const void* hx, const void* dhy, void* dhx, void* c_data, \
                                   const void* cx, const void* dcy, void* dcx, size_t weight_bytes, const void* weights, \
                                   size_t workspace_bytes, void* workspace, size_t reserve_bytes, void* reserve)) \
  visit(back_to_weights, cudnnRNNBackwardWeights_v8, (Handle, void* layer, int add, const int32_t* lengths, void* x_data, const void* x, \
                                   void* h_data, const void* hx, void* y_data, const void* y, size_t weight_bytes, void* dweights, \
                                   size_t workspace_bytes, void* workspace, size_t reserve_bytes, void* reserve))

#define NF_MEMBER(name, symbol, arguments) int (*name) arguments = nullptr;
struct Functions { NF_DNN_FUNCTIONS(NF_MEMBER) };
struct RecurrentFunctions { NF_RECURRENT_FUNCTIONS(NF_MEMBER) };
#undef NF_MEMBER

// Its numbers, each with its symbol there.
#define NF_DNN_NUMBERS(visit) \
  /* Kinds of descriptors. */                                                                                                        \
  visit(kPointwise, 0, CUDNN_BACKEND_POINTWISE_DESCRIPTOR)                                                                           \
  visit(kConvolution, 1, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR)                                                                       \
  visit(kEngine, 2, CUDNN_BACKEND_ENGINE_DESCRIPTOR)                                                                                 \
  visit(kConfiguration, 3, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR)                                                                       \
  visit(kHeuristics, 4, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)                                                                         \
  visit(kPlan, 5, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR)                                                                           \
  visit(kConvolve, 10, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)                                                       \
  visit(kToFilter, 11, CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR)                                               \
  visit(kToImage, 12, CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)                                                  \
  visit(kEach, 13, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)                                                                     \
  visit(kGraph, 15, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR)                                                                         \
  visit(kPack, 16, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR)                                                                            \
  visit(kTensor, 17, CUDNN_BACKEND_TENSOR_DESCRIPTOR)                                                                                \
  visit(kProduct, 18, CUDNN_BACKEND_MATMUL_DESCRIPTOR)                                                                               \
  visit(kMultiply, 19, CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR)                                                                    \
  visit(kReduction, 21, CUDNN_BACKEND_REDUCTION_DESCRIPTOR)                                                                          \
  visit(kReduce, 22, CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR)                                                                   \
  visit(kNormalise, 29, CUDNN_BACKEND_OPERATION_NORM_FORWARD_DESCRIPTOR)                                                             \
  visit(kNormaliseBack, 30, CUDNN_BACKEND_OPERATION_NORM_BACKWARD_DESCRIPTOR)                                                        \
  visit(kTurn, 31, CUDNN_BACKEND_OPERATION_RESHAPE_DESCRIPTOR)                                                                       \
  visit(kProperties, 38, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR)                                                                        \
  /* Attributes. */                                                                                                                  \
  visit(kPointwiseMode, 0, CUDNN_ATTR_POINTWISE_MODE)                                                                                \
  visit(kPointwiseCompute, 1, CUDNN_ATTR_POINTWISE_MATH_PREC)                                                                        \
  visit(kConvolutionCompute, 100, CUDNN_ATTR_CONVOLUTION_COMP_TYPE)                                                                  \
  visit(kConvolutionMode, 101, CUDNN_ATTR_CONVOLUTION_CONV_MODE)                                                                     \
  visit(kConvolutionDilations, 102, CUDNN_ATTR_CONVOLUTION_DILATIONS)                                                                \
  visit(kConvolutionStrides, 103, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES)                                                             \
  visit(kConvolutionAfter, 104, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS)                                                                \
  visit(kConvolutionBefore, 105, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS)                                                                \
  visit(kConvolutionSpatial, 106, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS)                                                               \
  visit(kHeuristicsMode, 200, CUDNN_ATTR_ENGINEHEUR_MODE)                                                                            \
  visit(kHeuristicsGraph, 201, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH)                                                                \
  visit(kHeuristicsResults, 202, CUDNN_ATTR_ENGINEHEUR_RESULTS)                                                                      \
  visit(kHeuristicsProperties, 204, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP)                                                                \
  visit(kConfigurationEngine, 300, CUDNN_ATTR_ENGINECFG_ENGINE)                                                                      \
  visit(kPlanHandle, 400, CUDNN_ATTR_EXECUTION_PLAN_HANDLE)                                                                          \
  visit(kPlanConfiguration, 401, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG)                                                            \
  visit(kPlanWorkspace, 402, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE)                                                               \
  visit(kPlanProperties, 407, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP)                                                                  \
  visit(kConvolveAlpha, 700, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA)                                                         \
  visit(kConvolveBeta, 701, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA)                                                           \
  visit(kConvolveHow, 702, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC)                                                       \
  visit(kConvolveFilter, 703, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W)                                                            \
  visit(kConvolveImage, 704, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X)                                                             \
  visit(kConvolveResult, 705, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y)                                                            \
  visit(kToImageAlpha, 706, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA)                                                         \
  visit(kToImageBeta, 707, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA)                                                           \
  visit(kToImageHow, 708, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC)                                                       \
  visit(kToImageFilter, 709, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W)                                                            \
  visit(kToImageImage, 710, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX)                                                            \
  visit(kToImageResult, 711, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY)                                                           \
  visit(kToFilterAlpha, 712, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA)                                                      \
  visit(kToFilterBeta, 713, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA)                                                        \
  visit(kToFilterHow, 714, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC)                                                    \
  visit(kToFilterFilter, 715, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW)                                                        \
  visit(kToFilterImage, 716, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X)                                                          \
  visit(kToFilterResult, 717, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY)                                                        \
  visit(kEachHow, 750, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR)                                                                 \
  visit(kEachFirst, 751, CUDNN_ATTR_OPERATION_POINTWISE_XDESC)                                                                       \
  visit(kEachSecond, 752, CUDNN_ATTR_OPERATION_POINTWISE_BDESC)                                                                      \
  visit(kEachResult, 753, CUDNN_ATTR_OPERATION_POINTWISE_YDESC)                                                                      \
  visit(kGraphHandle, 800, CUDNN_ATTR_OPERATIONGRAPH_HANDLE)                                                                         \
  visit(kGraphOperations, 801, CUDNN_ATTR_OPERATIONGRAPH_OPS)                                                                        \
  visit(kTensorAlignment, 900, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT)                                                                     \
  visit(kTensorType, 901, CUDNN_ATTR_TENSOR_DATA_TYPE)                                                                               \
  visit(kTensorSizes, 902, CUDNN_ATTR_TENSOR_DIMENSIONS)                                                                             \
  visit(kTensorStrides, 903, CUDNN_ATTR_TENSOR_STRIDES)                                                                              \
  visit(kTensorName, 906, CUDNN_ATTR_TENSOR_UNIQUE_ID)                                                                               \
  visit(kTensorVirtual, 907, CUDNN_ATTR_TENSOR_IS_VIRTUAL)                                                                           \
  visit(kTensorByValue, 908, CUDNN_ATTR_TENSOR_IS_BY_VALUE)                                                                          \
  visit(kPackNames, 1000, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS)                                                                        \
  visit(kPackMemory, 1001, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS)                                                                    \
  visit(kPackWorkspace, 1003, CUDNN_ATTR_VARIANT_PACK_WORKSPACE)                                                                     \
  visit(kEngineNotes, 1303, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE)                                                                        \
  visit(kProductCompute, 1500, CUDNN_ATTR_MATMUL_COMP_TYPE)                                                                          \
  visit(kMultiplyFirst, 1520, CUDNN_ATTR_OPERATION_MATMUL_ADESC)                                                                     \
  visit(kMultiplySecond, 1521, CUDNN_ATTR_OPERATION_MATMUL_BDESC)                                                                    \
  visit(kMultiplyResult, 1522, CUDNN_ATTR_OPERATION_MATMUL_CDESC)                                                                    \
  visit(kMultiplyHow, 1523, CUDNN_ATTR_OPERATION_MATMUL_DESC)                                                                        \
  visit(kReductionWhat, 1600, CUDNN_ATTR_REDUCTION_OPERATOR)                                                                         \
  visit(kReductionCompute, 1601, CUDNN_ATTR_REDUCTION_COMP_TYPE)                                                                     \
  visit(kReduceFrom, 1610, CUDNN_ATTR_OPERATION_REDUCTION_XDESC)                                                                     \
  visit(kReduceResult, 1611, CUDNN_ATTR_OPERATION_REDUCTION_YDESC)                                                                   \
  visit(kReduceHow, 1612, CUDNN_ATTR_OPERATION_REDUCTION_DESC)                                                                       \
  visit(kNormaliseMode, 2000, CUDNN_ATTR_OPERATION_NORM_FWD_MODE)                                                                    \
  visit(kNormalisePhase, 2001, CUDNN_ATTR_OPERATION_NORM_FWD_PHASE)                                                                  \
  visit(kNormaliseImage, 2002, CUDNN_ATTR_OPERATION_NORM_FWD_XDESC)                                                                  \
  visit(kNormaliseMean, 2003, CUDNN_ATTR_OPERATION_NORM_FWD_MEAN_DESC)                                                               \
  visit(kNormaliseInverse, 2004, CUDNN_ATTR_OPERATION_NORM_FWD_INV_VARIANCE_DESC)                                                    \
  visit(kNormaliseScale, 2005, CUDNN_ATTR_OPERATION_NORM_FWD_SCALE_DESC)                                                             \
  visit(kNormaliseOffset, 2006, CUDNN_ATTR_OPERATION_NORM_FWD_BIAS_DESC)                                                             \
  visit(kNormaliseEpsilon, 2007, CUDNN_ATTR_OPERATION_NORM_FWD_EPSILON_DESC)                                                         \
  visit(kNormaliseFactor, 2008, CUDNN_ATTR_OPERATION_NORM_FWD_EXP_AVG_FACTOR_DESC)                                                   \
  visit(kNormaliseGivenMean, 2009, CUDNN_ATTR_OPERATION_NORM_FWD_INPUT_RUNNING_MEAN_DESC)                                            \
  visit(kNormaliseGivenVariance, 2010, CUDNN_ATTR_OPERATION_NORM_FWD_INPUT_RUNNING_VAR_DESC)                                         \
  visit(kNormaliseBatchMean, 2011, CUDNN_ATTR_OPERATION_NORM_FWD_OUTPUT_RUNNING_MEAN_DESC)                                           \
  visit(kNormaliseBatchVariance, 2012, CUDNN_ATTR_OPERATION_NORM_FWD_OUTPUT_RUNNING_VAR_DESC)                                        \
  visit(kNormaliseResult, 2013, CUDNN_ATTR_OPERATION_NORM_FWD_YDESC)                                                                 \
  visit(kNormaliseBackMode, 2100, CUDNN_ATTR_OPERATION_NORM_BWD_MODE)                                                                \
  visit(kNormaliseBackImage, 2101, CUDNN_ATTR_OPERATION_NORM_BWD_XDESC)                                                              \
  visit(kNormaliseBackMean, 2102, CUDNN_ATTR_OPERATION_NORM_BWD_MEAN_DESC)                                                           \
  visit(kNormaliseBackInverse, 2103, CUDNN_ATTR_OPERATION_NORM_BWD_INV_VARIANCE_DESC)                                                \
  visit(kNormaliseBackResult, 2104, CUDNN_ATTR_OPERATION_NORM_BWD_DYDESC)                                                            \
  visit(kNormaliseBackScale, 2105, CUDNN_ATTR_OPERATION_NORM_BWD_SCALE_DESC)                                                         \
  visit(kNormaliseBackToScale, 2107, CUDNN_ATTR_OPERATION_NORM_BWD_DSCALE_DESC)                                                      \
  visit(kNormaliseBackToOffset, 2108, CUDNN_ATTR_OPERATION_NORM_BWD_DBIAS_DESC)                                                      \
  visit(kNormaliseBackToImage, 2109, CUDNN_ATTR_OPERATION_NORM_BWD_DXDESC)                                                           \
  visit(kTurnFrom, 2200, CUDNN_ATTR_OPERATION_RESHAPE_XDESC)                                                                         \
  visit(kTurnResult, 2201, CUDNN_ATTR_OPERATION_RESHAPE_YDESC)                                                                       \
  visit(kPropertiesText, 2702, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION)                                                            \
  /* Types of attributes. */                                                                                                         \
  visit(kAHandle, 0, CUDNN_TYPE_HANDLE)                                                                                              \
  visit(kADataType, 1, CUDNN_TYPE_DATA_TYPE)                                                                                         \
  visit(kABool, 2, CUDNN_TYPE_BOOLEAN)                                                                                               \
  visit(kAnInt64, 3, CUDNN_TYPE_INT64)                                                                                               \
  visit(kAFloat, 4, CUDNN_TYPE_FLOAT)                                                                                                \
  visit(kADouble, 5, CUDNN_TYPE_DOUBLE)                                                                                              \
  visit(kAPointer, 6, CUDNN_TYPE_VOID_PTR)                                                                                           \
  visit(kAConvolutionMode, 7, CUDNN_TYPE_CONVOLUTION_MODE)                                                                           \
  visit(kAHeuristicsMode, 8, CUDNN_TYPE_HEUR_MODE)                                                                                   \
  visit(kANote, 11, CUDNN_TYPE_NUMERICAL_NOTE)                                                                                       \
  visit(kAPointwiseMode, 14, CUDNN_TYPE_POINTWISE_MODE)                                                                              \
  visit(kADescriptor, 15, CUDNN_TYPE_BACKEND_DESCRIPTOR)                                                                             \
  visit(kAReduction, 18, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE)                                                                         \
  visit(kAChar, 24, CUDNN_TYPE_CHAR)                                                                                                 \
  visit(kANormMode, 27, CUDNN_TYPE_NORM_MODE)                                                                                        \
  visit(kANormPhase, 28, CUDNN_TYPE_NORM_FWD_PHASE)                                                                                  \
  /* What engines say of their numbers. */                                                                                           \
  visit(kTensorCores, 0, CUDNN_NUMERICAL_NOTE_TENSOR_CORE)                                                                           \
  visit(kNarrowedInputs, 1, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS)                                                                \
  visit(kNotDeterministic, 4, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)                                                                 \
  visit(kNotes, 10, CUDNN_NUMERICAL_NOTE_TYPE_COUNT)                                                                                 \
  /* Data, ways, layers: both recurrent layouts are padded, plain math is without tensor cores, and weights can only be added to. */ \
  visit(kFloat, 0, CUDNN_DATA_FLOAT)                                                                                                 \
  visit(kDouble, 1, CUDNN_DATA_DOUBLE)                                                                                               \
  visit(kHalf, 2, CUDNN_DATA_HALF)                                                                                                   \
  visit(kBfloat16, 9, CUDNN_DATA_BFLOAT16)                                                                                           \
  visit(kAdd, 0, CUDNN_POINTWISE_ADD)                                                                                                \
  visit(kTimes, 1, CUDNN_POINTWISE_MUL)                                                                                              \
  visit(kOver, 6, CUDNN_POINTWISE_DIV)                                                                                               \
  visit(kMinus, 9, CUDNN_POINTWISE_SUB)                                                                                              \
  visit(kExp, 13, CUDNN_POINTWISE_EXP)                                                                                               \
  visit(kLog, 15, CUDNN_POINTWISE_LOG)                                                                                               \
  visit(kSame, 21, CUDNN_POINTWISE_IDENTITY)                                                                                         \
  visit(kSum, 0, CUDNN_REDUCE_TENSOR_ADD)                                                                                            \
  visit(kGreatest, 3, CUDNN_REDUCE_TENSOR_MAX)                                                                                       \
  visit(kCrossCorrelation, 1, CUDNN_CROSS_CORRELATION)                                                                               \
  visit(kHeuristicsA, 3, CUDNN_HEUR_MODE_A)                                                                                          \
  visit(kHeuristicsFallback, 2, CUDNN_HEUR_MODE_FALLBACK)                                                                            \
  visit(kBatchNorm, 2, CUDNN_BATCH_NORM)                                                                                             \
  visit(kNormInference, 0, CUDNN_NORM_FWD_INFERENCE)                                                                                 \
  visit(kNormTraining, 1, CUDNN_NORM_FWD_TRAINING)                                                                                   \
  visit(kLstm, 2, CUDNN_LSTM)                                                                                                        \
  visit(kGru, 3, CUDNN_GRU)                                                                                                          \
  visit(kOneBias, 1, CUDNN_RNN_SINGLE_INP_BIAS)                                                                                      \
  visit(kTwoBiases, 2, CUDNN_RNN_DOUBLE_BIAS)                                                                                        \
  visit(kStepsFirst, 0, CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED)                                                                    \
  visit(kSamplesFirst, 2, CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED)                                                                \
  visit(kInference, 0, CUDNN_FWD_MODE_INFERENCE)                                                                                     \
  visit(kTraining, 1, CUDNN_FWD_MODE_TRAINING)                                                                                       \
  visit(kDefaultMath, 0, CUDNN_DEFAULT_MATH)                                                                                         \
  visit(kPlainMath, 3, CUDNN_FMA_MATH)                                                                                               \
  visit(kPaddedData, 1, CUDNN_RNN_PADDED_IO_ENABLED)                                                                                 \
  visit(kAddWeights, 0, CUDNN_WGRAD_MODE_ADD)

#define NF_NUMBER(name, number, symbol) constexpr int name = number;
NF_DNN_NUMBERS(NF_NUMBER)
#undef NF_NUMBER

}  // namespace ninefold::cuda::dnn
