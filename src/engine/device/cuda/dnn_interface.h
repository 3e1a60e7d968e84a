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

struct Functions {
#define NF_MEMBER(name, symbol, arguments) int (*name) arguments = nullptr;
  NF_DNN_FUNCTIONS(NF_MEMBER)
#undef NF_MEMBER
};

// Kinds of descriptors.
#define NF_DNN_KINDS(visit)                                            \
  visit(kConvolution, 1, CONVOLUTION)                                  \
  visit(kEngine, 2, ENGINE)                                            \
  visit(kConfiguration, 3, ENGINECFG)                                  \
  visit(kHeuristics, 4, ENGINEHEUR)                                    \
  visit(kPlan, 5, EXECUTION_PLAN)                                      \
  visit(kConvolve, 10, OPERATION_CONVOLUTION_FORWARD)                  \
  visit(kToFilter, 11, OPERATION_CONVOLUTION_BACKWARD_FILTER)          \
  visit(kToImage, 12, OPERATION_CONVOLUTION_BACKWARD_DATA)             \
  visit(kGraph, 15, OPERATIONGRAPH)                                    \
  visit(kPack, 16, VARIANT_PACK)                                       \
  visit(kTensor, 17, TENSOR)                                           \
  visit(kProperties, 38, DEVICEPROP)

// Attributes.
#define NF_DNN_ATTRIBUTES(visit)                                       \
  visit(kConvolutionCompute, 100, CONVOLUTION_COMP_TYPE)               \
  visit(kConvolutionMode, 101, CONVOLUTION_CONV_MODE)                  \
  visit(kConvolutionDilations, 102, CONVOLUTION_DILATIONS)             \
  visit(kConvolutionStrides, 103, CONVOLUTION_FILTER_STRIDES)          \
  visit(kConvolutionAfter, 104, CONVOLUTION_POST_PADDINGS)             \
  visit(kConvolutionBefore, 105, CONVOLUTION_PRE_PADDINGS)             \
  visit(kConvolutionSpatial, 106, CONVOLUTION_SPATIAL_DIMS)            \
  visit(kHeuristicsMode, 200, ENGINEHEUR_MODE)                         \
  visit(kHeuristicsGraph, 201, ENGINEHEUR_OPERATION_GRAPH)             \
  visit(kHeuristicsResults, 202, ENGINEHEUR_RESULTS)                   \
  visit(kHeuristicsProperties, 204, ENGINEHEUR_DEVICEPROP)              \
  visit(kConfigurationEngine, 300, ENGINECFG_ENGINE)                   \
  visit(kPlanHandle, 400, EXECUTION_PLAN_HANDLE)                       \
  visit(kPlanConfiguration, 401, EXECUTION_PLAN_ENGINE_CONFIG)         \
  visit(kPlanWorkspace, 402, EXECUTION_PLAN_WORKSPACE_SIZE)            \
  visit(kPlanProperties, 407, EXECUTION_PLAN_DEVICEPROP)               \
  visit(kConvolveAlpha, 700, OPERATION_CONVOLUTION_FORWARD_ALPHA)      \
  visit(kConvolveBeta, 701, OPERATION_CONVOLUTION_FORWARD_BETA)        \
  visit(kConvolveHow, 702, OPERATION_CONVOLUTION_FORWARD_CONV_DESC)    \
  visit(kConvolveFilter, 703, OPERATION_CONVOLUTION_FORWARD_W)         \
  visit(kConvolveImage, 704, OPERATION_CONVOLUTION_FORWARD_X)          \
  visit(kConvolveResult, 705, OPERATION_CONVOLUTION_FORWARD_Y)         \
  visit(kToImageAlpha, 706, OPERATION_CONVOLUTION_BWD_DATA_ALPHA)      \
  visit(kToImageBeta, 707, OPERATION_CONVOLUTION_BWD_DATA_BETA)        \
  visit(kToImageHow, 708, OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC)    \
  visit(kToImageFilter, 709, OPERATION_CONVOLUTION_BWD_DATA_W)         \
  visit(kToImageImage, 710, OPERATION_CONVOLUTION_BWD_DATA_DX)         \
  visit(kToImageResult, 711, OPERATION_CONVOLUTION_BWD_DATA_DY)        \
  visit(kToFilterAlpha, 712, OPERATION_CONVOLUTION_BWD_FILTER_ALPHA)   \
  visit(kToFilterBeta, 713, OPERATION_CONVOLUTION_BWD_FILTER_BETA)     \
  visit(kToFilterHow, 714, OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC) \
  visit(kToFilterFilter, 715, OPERATION_CONVOLUTION_BWD_FILTER_DW)     \
  visit(kToFilterImage, 716, OPERATION_CONVOLUTION_BWD_FILTER_X)       \
  visit(kToFilterResult, 717, OPERATION_CONVOLUTION_BWD_FILTER_DY)     \
  visit(kGraphHandle, 800, OPERATIONGRAPH_HANDLE)                      \
  visit(kGraphOperations, 801, OPERATIONGRAPH_OPS)                     \
  visit(kTensorAlignment, 900, TENSOR_BYTE_ALIGNMENT)                  \
  visit(kTensorType, 901, TENSOR_DATA_TYPE)                            \
  visit(kTensorSizes, 902, TENSOR_DIMENSIONS)                          \
  visit(kTensorStrides, 903, TENSOR_STRIDES)                           \
  visit(kTensorName, 906, TENSOR_UNIQUE_ID)                            \
  visit(kTensorVirtual, 907, TENSOR_IS_VIRTUAL)                        \
  visit(kPackNames, 1000, VARIANT_PACK_UNIQUE_IDS)                     \
  visit(kPackMemory, 1001, VARIANT_PACK_DATA_POINTERS)                 \
  visit(kPackWorkspace, 1003, VARIANT_PACK_WORKSPACE)                  \
  visit(kEngineNotes, 1303, ENGINE_NUMERICAL_NOTE)                     \
  visit(kPropertiesText, 2702, DEVICEPROP_JSON_REPRESENTATION)

// Types of attributes.
#define NF_DNN_TYPES(visit)                 \
  visit(kAHandle, 0, HANDLE)                \
  visit(kADataType, 1, DATA_TYPE)           \
  visit(kABool, 2, BOOLEAN)                 \
  visit(kAnInt64, 3, INT64)                 \
  visit(kAFloat, 4, FLOAT)                  \
  visit(kADouble, 5, DOUBLE)                \
  visit(kAPointer, 6, VOID_PTR)             \
  visit(kAConvolutionMode, 7, CONVOLUTION_MODE) \
  visit(kAHeuristicsMode, 8, HEUR_MODE)     \
  visit(kANote, 11, NUMERICAL_NOTE)         \
  visit(kADescriptor, 15, BACKEND_DESCRIPTOR) \
  visit(kAChar, 24, CHAR)

// What engines say of their numbers.
#define NF_DNN_NOTES(visit)                 \
  visit(kTensorCores, 0, TENSOR_CORE)       \
  visit(kNarrowedInputs, 1, DOWN_CONVERT_INPUTS) \
  visit(kNotDeterministic, 4, NONDETERMINISTIC)  \
  visit(kNotes, 10, TYPE_COUNT)

#define NF_NUMBER(name, number, symbol) constexpr int name = number;
NF_DNN_KINDS(NF_NUMBER)
NF_DNN_ATTRIBUTES(NF_NUMBER)
NF_DNN_TYPES(NF_NUMBER)
NF_DNN_NOTES(NF_NUMBER)
#undef NF_NUMBER

constexpr int kFloat = 0, kDouble = 1, kHalf = 2, kBfloat16 = 9;   // cudnnDataType_t
constexpr int kCrossCorrelation = 1;
constexpr int kHeuristicsA = 3, kHeuristicsFallback = 2;

}  // namespace ninefold::cuda::dnn
