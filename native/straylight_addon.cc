// Straylight's addition to @tensorflow/tfjs-node's addon: whole TensorFlow functions, called as one op.
//
// The published sources of tfjs-node 4.22.0 are compiled unchanged in this one translation unit
// (set-up checks their hashes first), so that our functions share their eager context and their
// table of tensor handles: tensors pass between tfjs and us without a copy. Added to the exports:
//
//   opList(): Uint8Array                       serialized OpList of every op that TensorFlow knows
//   tensorFromBytes(shape, dtype, typedArray): id     copies, so the caller may reuse its buffer
//   registerFunction(functionDef: Uint8Array)
//   removeFunction(name)
//   callFunction(name, config: Uint8Array, inputs: Int32Array, outputs: number): Int32Array
//   callFunctionAsync(same): Promise<Int32Array>       runs on a worker thread
//
// Every failure is a JavaScript exception (or a rejected promise) with TensorFlow's message.

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <node_api.h>

// TFJSBackend keeps its context and handle table private and offers no accessor.
#define private public
#include "tfjs_backend.h"
#undef private

// tfjs_binding.cc ends by registering the module; ours registers instead, after adding to its exports.
#undef NAPI_MODULE
#define NAPI_MODULE(name, init)
#include "tfjs_backend.cc"
#include "tfjs_binding.cc"
#undef NAPI_MODULE
#define NAPI_MODULE(modname, regfunc) NAPI_MODULE_INIT() { return regfunc(env, exports); }

namespace straylight {

using tfnodejs::TFJSBackend;

struct StatusDeleter {
  void operator()(TF_Status *status) const { TF_DeleteStatus(status); }
};
struct OpDeleter {
  void operator()(TFE_Op *op) const { TFE_DeleteOp(op); }
};
struct TensorDeleter {
  void operator()(TF_Tensor *tensor) const { TF_DeleteTensor(tensor); }
};
using Status = std::unique_ptr<TF_Status, StatusDeleter>;
using Op = std::unique_ptr<TFE_Op, OpDeleter>;

static napi_value Throw(napi_env env, const std::string &message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

// True when TensorFlow reported an error, which is then pending as a JavaScript exception.
static bool Failed(napi_env env, const Status &status, const char *what) {
  if (TF_GetCode(status.get()) == TF_OK) return false;
  Throw(env, std::string(what) + ": " + TF_Message(status.get()));
  return true;
}

static TFJSBackend *Backend(napi_env env) {
  TFJSBackend *backend = nullptr;
  if (napi_get_instance_data(env, reinterpret_cast<void **>(&backend)) != napi_ok || !backend)
    Throw(env, "TensorFlow is not initialised in this process");
  return backend;
}

static bool Arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  size_t given = count;
  if (napi_get_cb_info(env, info, &given, values, nullptr, nullptr) != napi_ok || given < count) {
    Throw(env, "expected " + std::to_string(count) + " arguments");
    return false;
  }
  return true;
}

static bool ReadString(napi_env env, napi_value value, std::string *out) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) {
    Throw(env, "expected a string");
    return false;
  }
  out->resize(length + 1);
  napi_get_value_string_utf8(env, value, &(*out)[0], length + 1, &length);
  out->resize(length);
  return true;
}

static bool ReadTypedArray(napi_env env, napi_value value, napi_typedarray_type *type, void **data,
                           size_t *elements) {
  bool is_typed_array = false;
  napi_is_typedarray(env, value, &is_typed_array);
  if (!is_typed_array ||
      napi_get_typedarray_info(env, value, type, elements, data, nullptr, nullptr) != napi_ok) {
    Throw(env, "expected a typed array");
    return false;
  }
  return true;
}

static bool ReadBytes(napi_env env, napi_value value, void **data, size_t *bytes) {
  napi_typedarray_type type;
  if (!ReadTypedArray(env, value, &type, data, bytes)) return false;
  if (type == napi_uint8_array) return true;
  Throw(env, "expected a Uint8Array");
  return false;
}

static napi_value OpList(napi_env env, napi_callback_info) {
  TF_Buffer *list = TF_GetAllOpList();
  napi_value buffer, bytes;
  void *data;
  napi_create_arraybuffer(env, list->length, &data, &buffer);
  memcpy(data, list->data, list->length);
  napi_create_typedarray(env, napi_uint8_array, list->length, buffer, 0, &bytes);
  TF_DeleteBuffer(list);
  return bytes;
}

static napi_value TensorFromBytes(napi_env env, napi_callback_info info) {
  napi_value args[3];
  TFJSBackend *backend = Backend(env);
  if (!backend || !Arguments(env, info, 3, args)) return nullptr;

  uint32_t rank = 0;
  if (napi_get_array_length(env, args[0], &rank) != napi_ok) return Throw(env, "shape must be an array");
  std::vector<int64_t> shape(rank);
  size_t elements = 1;
  for (uint32_t i = 0; i < rank; i++) {
    napi_value dimension;
    napi_get_element(env, args[0], i, &dimension);
    if (napi_get_value_int64(env, dimension, &shape[i]) != napi_ok || shape[i] < 0)
      return Throw(env, "shape must hold non-negative integers");
    if (__builtin_mul_overflow(elements, static_cast<size_t>(shape[i]), &elements))
      return Throw(env, "shape asks for more elements than memory can hold");
  }
  int32_t dtype;
  if (napi_get_value_int32(env, args[1], &dtype) != napi_ok) return Throw(env, "dtype must be a number");

  napi_typedarray_type type;
  void *data;
  size_t given;
  if (!ReadTypedArray(env, args[2], &type, &data, &given)) return nullptr;
  const bool matches = (type == napi_float32_array && dtype == TF_FLOAT) ||
                       (type == napi_float64_array && dtype == TF_DOUBLE) ||
                       (type == napi_int32_array && dtype == TF_INT32) ||
                       (type == napi_uint8_array && (dtype == TF_UINT8 || dtype == TF_BOOL));
  if (!matches) return Throw(env, "the typed array does not match the tensor's data type");
  if (given != elements)
    return Throw(env, "the shape asks for " + std::to_string(elements) + " elements, the array holds " +
                          std::to_string(given));

  const size_t bytes = elements * TF_DataTypeSize(static_cast<TF_DataType>(dtype));
  std::unique_ptr<TF_Tensor, TensorDeleter> tensor(
      TF_AllocateTensor(static_cast<TF_DataType>(dtype), shape.data(), static_cast<int>(rank), bytes));
  if (!tensor) return Throw(env, "out of memory for a tensor of " + std::to_string(bytes) + " bytes");
  if (bytes) memcpy(TF_TensorData(tensor.get()), data, bytes);

  Status status(TF_NewStatus());
  TFE_TensorHandle *handle = TFE_NewTensorHandle(tensor.get(), status.get());
  if (Failed(env, status, "creating a tensor")) return nullptr;
  // int32 stays in host memory, where GPU kernels expect shapes and indices (as tfjs-node does).
  if (backend->is_gpu_device && dtype != TF_INT32) {
    TFE_TensorHandle *copied = TFE_TensorHandleCopyToDevice(handle, backend->tfe_context_,
                                                            backend->device_name.c_str(), status.get());
    TFE_DeleteTensorHandle(handle);
    if (Failed(env, status, "copying a tensor to the device")) return nullptr;
    handle = copied;
  }
  napi_value id;
  napi_create_int32(env, backend->InsertHandle(handle), &id);
  return id;
}

static napi_value RegisterFunction(napi_env env, napi_callback_info info) {
  napi_value args[1];
  void *data;
  size_t bytes;
  TFJSBackend *backend = Backend(env);
  if (!backend || !Arguments(env, info, 1, args) || !ReadBytes(env, args[0], &data, &bytes)) return nullptr;
  Status status(TF_NewStatus());
  TFE_ContextAddFunctionDef(backend->tfe_context_, static_cast<const char *>(data), bytes, status.get());
  Failed(env, status, "registering a function");
  return nullptr;
}

static napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  napi_value args[1];
  std::string name;
  TFJSBackend *backend = Backend(env);
  if (!backend || !Arguments(env, info, 1, args) || !ReadString(env, args[0], &name)) return nullptr;
  Status status(TF_NewStatus());
  TFE_ContextRemoveFunction(backend->tfe_context_, name.c_str(), status.get());
  Failed(env, status, "removing a function");
  return nullptr;
}

// A call that is ready to run: the op holds its own references to the inputs.
struct Call {
  TFJSBackend *backend;
  Op op;
  Status status{TF_NewStatus()};
  std::vector<TFE_TensorHandle *> outputs;
  int count = 0;
  std::string name;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;

  void Execute() { TFE_Execute(op.get(), outputs.data(), &count, status.get()); }
};

static std::unique_ptr<Call> PrepareCall(napi_env env, napi_callback_info info) {
  napi_value args[4];
  std::unique_ptr<Call> call(new Call());
  call->backend = Backend(env);
  if (!call->backend || !Arguments(env, info, 4, args) || !ReadString(env, args[0], &call->name)) return nullptr;

  void *config;
  size_t config_bytes;
  if (!ReadBytes(env, args[1], &config, &config_bytes)) return nullptr;
  napi_typedarray_type type;
  void *ids;
  size_t inputs;
  if (!ReadTypedArray(env, args[2], &type, &ids, &inputs)) return nullptr;
  if (type != napi_int32_array) {
    Throw(env, "inputs must be an Int32Array of tensor ids");
    return nullptr;
  }
  if (napi_get_value_int32(env, args[3], &call->count) != napi_ok || call->count < 0) {
    Throw(env, "outputs must be a count");
    return nullptr;
  }
  call->outputs.assign(static_cast<size_t>(call->count), nullptr);

  call->op.reset(TFE_NewOp(call->backend->tfe_context_, call->name.c_str(), call->status.get()));
  if (Failed(env, call->status, call->name.c_str())) return nullptr;
  for (size_t i = 0; i < inputs; i++) {
    const int32_t id = static_cast<int32_t *>(ids)[i];
    auto found = call->backend->tfe_handle_map_.find(id);
    if (found == call->backend->tfe_handle_map_.end()) {
      Throw(env, call->name + ": input " + std::to_string(i) + " is not a live tensor (id " + std::to_string(id) + ")");
      return nullptr;
    }
    TFE_OpAddInput(call->op.get(), found->second, call->status.get());
    if (Failed(env, call->status, call->name.c_str())) return nullptr;
  }
  // Graph rewrites and the executor are read from the call, not from the function.
  TFE_OpSetAttrString(call->op.get(), "config_proto", config, config_bytes);
  TFE_OpSetAttrString(call->op.get(), "executor_type", "", 0);
  return call;
}

static napi_value OutputIds(napi_env env, Call *call) {
  napi_value buffer, ids;
  void *data;
  napi_create_arraybuffer(env, static_cast<size_t>(call->count) * sizeof(int32_t), &data, &buffer);
  for (int i = 0; i < call->count; i++)
    static_cast<int32_t *>(data)[i] = call->backend->InsertHandle(call->outputs[static_cast<size_t>(i)]);
  napi_create_typedarray(env, napi_int32_array, static_cast<size_t>(call->count), buffer, 0, &ids);
  return ids;
}

static napi_value CallFunction(napi_env env, napi_callback_info info) {
  std::unique_ptr<Call> call = PrepareCall(env, info);
  if (!call) return nullptr;
  call->Execute();
  if (Failed(env, call->status, call->name.c_str())) return nullptr;
  return OutputIds(env, call.get());
}

static napi_value CallFunctionAsync(napi_env env, napi_callback_info info) {
  std::unique_ptr<Call> prepared = PrepareCall(env, info);
  if (!prepared) return nullptr;
  Call *call = prepared.release();  // owned by the work item until it completes
  napi_value promise, resource;
  napi_create_promise(env, &call->deferred, &promise);
  napi_create_string_utf8(env, "straylight:callFunction", NAPI_AUTO_LENGTH, &resource);
  napi_create_async_work(
      env, nullptr, resource, [](napi_env, void *data) { static_cast<Call *>(data)->Execute(); },
      [](napi_env env, napi_status, void *data) {
        std::unique_ptr<Call> call(static_cast<Call *>(data));
        call->op.reset();
        if (TF_GetCode(call->status.get()) == TF_OK) {
          napi_resolve_deferred(env, call->deferred, OutputIds(env, call.get()));
        } else {
          const std::string text = call->name + ": " + TF_Message(call->status.get());
          napi_value message, error;
          napi_create_string_utf8(env, text.c_str(), text.size(), &message);
          napi_create_error(env, nullptr, message, &error);
          napi_reject_deferred(env, call->deferred, error);
        }
        napi_delete_async_work(env, call->work);
      },
      call, &call->work);
  napi_queue_async_work(env, call->work);
  return promise;
}

static napi_value Init(napi_env env, napi_value exports) {
  exports = tfnodejs::InitTFNodeJSBinding(env, exports);
  if (!exports) return nullptr;
  const napi_property_descriptor added[] = {
      {"opList", nullptr, OpList, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"tensorFromBytes", nullptr, TensorFromBytes, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"registerFunction", nullptr, RegisterFunction, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"removeFunction", nullptr, RemoveFunction, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"callFunction", nullptr, CallFunction, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"callFunctionAsync", nullptr, CallFunctionAsync, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  napi_define_properties(env, exports, sizeof(added) / sizeof(added[0]), added);
  return exports;
}

}  // namespace straylight

NAPI_MODULE(straylight_addon, straylight::Init)
