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

struct RecurrentFunctions {
#define NF_MEMBER(name, symbol, arguments) int (*name) arguments = nullptr;
  NF_RECURRENT_FUNCTIONS(NF_MEMBER)
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

constexpr int kLstm = 2, kGru = 3;           // cudnnRNNMode_t
constexpr int kOneBias = 1, kTwoBiases = 2;  // cudnnRNNBiasMode_t: with the inputs; with the state, too
constexpr int kStepsFirst = 0, kSamplesFirst = 2;   // cudnnRNNDataLayout_t, both padded
constexpr int kInference = 0, kTraining = 1;
constexpr int kDefaultMath = 0, kPlainMath = 3;     // cudnnMathType_t; the latter without tensor cores
constexpr unsigned kPaddedData = 1;
constexpr int kAddWeights = 0;               // cudnnWgradMode_t; the only one there is
constexpr int kFloat = 0, kDouble = 1, kHalf = 2, kBfloat16 = 9;   // cudnnDataType_t
constexpr int kCrossCorrelation = 1;
constexpr int kHeuristicsA = 3, kHeuristicsFallback = 2;

}  // namespace ninefold::cuda::dnn
