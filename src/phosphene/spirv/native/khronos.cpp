// Khronos' compilers behind a dozen C functions, for `phosphene.spirv.native` to call through ctypes.
//
// glslang (GLSL -> SPIR-V), SPIRV-Tools (optimise, validate, disassemble) and SPIRV-Cross
// (SPIR-V -> GLSL). Every call returns a result that the caller frees; no exception leaves.

#include <pthread.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include <glslang/Public/ShaderLang.h>
#include <glslang/SPIRV/GlslangToSpv.h>
#include <glslang/build_info.h>
#include <spirv-tools/libspirv.hpp>
#include <spirv-tools/optimizer.hpp>

// Distributions install SPIRV-Cross under one of two folders.
#if __has_include(<spirv_cross/spirv_cross_c.h>)
#include <spirv_cross/spirv_cross_c.h>
#else
#include <spirv_cross_c.h>
#endif

namespace {

enum Status { kOk = 0, kRefused = 1, kOutOfMemory = 2 };

struct Result {
  int status = kRefused;
  std::string data;  // words or text when kOk
  std::string log;
};

// glslang walks a syntax tree by recursion, and `a+a+a+...` is a tree as deep as it is long. The
// stack is only reserved here, pages come into being as they are touched.
constexpr size_t kStackBytes = size_t{512} << 20;

struct Job {
  const std::function<void(Result&)>* body;
  Result* result;
};

void* run_job(void* argument) {
  Job* job = static_cast<Job*>(argument);
  try {
    (*job->body)(*job->result);
  } catch (const std::bad_alloc&) {
    job->result->status = kOutOfMemory;
  } catch (const std::exception& error) {
    job->result->status = kRefused;
    job->result->log += error.what();
  }
  return nullptr;
}

// Runs `body` on a thread with a large stack, or, where the system refuses one, on a common one.
Result* on_large_stack(const std::function<void(Result&)>& body) {
  Result* result = new (std::nothrow) Result;
  if (result == nullptr) return nullptr;
  Job job{&body, result};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_t thread;
  const bool started = pthread_create(&thread, &attributes, run_job, &job) == 0;
  pthread_attr_destroy(&attributes);
  if (started) {
    pthread_join(thread, nullptr);
  } else {
    run_job(&job);
  }
  return result;
}

// What OpenGL 4.5 promises at least, and where authors' texts ask for more, what drivers give.
TBuiltInResource resources() {
  TBuiltInResource r;
  std::memset(&r, 0, sizeof r);
  r.maxLights = 32;
  r.maxClipPlanes = 6;
  r.maxTextureUnits = 32;
  r.maxTextureCoords = 32;
  r.maxVertexAttribs = 64;
  r.maxVertexUniformComponents = 4096;
  r.maxVaryingFloats = 64;
  r.maxVertexTextureImageUnits = 32;
  r.maxCombinedTextureImageUnits = 80;
  r.maxTextureImageUnits = 32;
  r.maxFragmentUniformComponents = 4096;
  r.maxDrawBuffers = 32;
  r.maxVertexUniformVectors = 128;
  r.maxVaryingVectors = 8;
  r.maxFragmentUniformVectors = 16;
  r.maxVertexOutputVectors = 16;
  r.maxFragmentInputVectors = 15;
  r.minProgramTexelOffset = -8;
  r.maxProgramTexelOffset = 7;
  r.maxClipDistances = 8;
  r.maxCullDistances = 8;
  r.maxCombinedClipAndCullDistances = 8;
  r.maxVertexOutputComponents = 64;
  r.maxFragmentInputComponents = 128;
  r.maxCombinedShaderOutputResources = 8;
  r.maxViewports = 16;
  r.maxSamples = 4;
  r.limits.nonInductiveForLoops = true;
  r.limits.whileLoops = true;
  r.limits.doWhileLoops = true;
  r.limits.generalUniformIndexing = true;
  r.limits.generalAttributeMatrixVectorIndexing = true;
  r.limits.generalVaryingIndexing = true;
  r.limits.generalSamplerIndexing = true;
  r.limits.generalVariableIndexing = true;
  r.limits.generalConstantMatrixVectorIndexing = true;
  return r;
}

void compile(const char* text, size_t length, Result& result) {
  // OpenGL's rules, not Vulkan's: gl_FragCoord has its origin at the lower left.
  const auto messages = static_cast<EShMessages>(EShMsgDefault | EShMsgSpvRules);
  const TBuiltInResource limits = resources();
  glslang::TShader shader(EShLangFragment);
  const int size = static_cast<int>(length);
  shader.setStringsWithLengths(&text, &size, 1);
  shader.setEnvInput(glslang::EShSourceGlsl, EShLangFragment, glslang::EShClientOpenGL, 100);
  shader.setEnvClient(glslang::EShClientOpenGL, glslang::EShTargetOpenGL_450);
  shader.setEnvTarget(glslang::EShTargetSpv, glslang::EShTargetSpv_1_0);
  if (!shader.parse(&limits, 450, false, messages)) {
    result.log = shader.getInfoLog();
    return;
  }
  glslang::TProgram program;
  program.addShader(&shader);
  if (!program.link(messages)) {
    result.log = program.getInfoLog();
    return;
  }
  glslang::SpvOptions options;
  options.disableOptimizer = true;
  std::vector<unsigned int> words;
  glslang::GlslangToSpv(*program.getIntermediate(EShLangFragment), words, &options);
  result.data.assign(reinterpret_cast<const char*>(words.data()), words.size() * 4);
  result.status = kOk;
}

spvtools::MessageConsumer into(std::string& log) {
  return [&log](spv_message_level_t level, const char*, const spv_position_t&, const char* text) {
    if (level <= SPV_MSG_ERROR) log += std::string(text) + "\n";
  };
}

constexpr spv_target_env kEnvironment = SPV_ENV_OPENGL_4_5;

void optimise(const uint32_t* words, size_t count, Result& result) {
  spvtools::Optimizer optimizer(kEnvironment);
  optimizer.SetMessageConsumer(into(result.log));
  const std::vector<std::string> flags = {"-O", "--merge-return",
                                          "--inline-entry-points-exhaustive", "-O"};
  if (!optimizer.RegisterPassesFromFlags(flags)) return;
  spvtools::OptimizerOptions options;
  options.set_run_validator(false);
  std::vector<uint32_t> out;
  if (!optimizer.Run(words, count, &out, options)) return;
  result.data.assign(reinterpret_cast<const char*>(out.data()), out.size() * 4);
  result.status = kOk;
}

void validate(const uint32_t* words, size_t count, Result& result) {
  spvtools::SpirvTools tools(kEnvironment);
  tools.SetMessageConsumer(into(result.log));
  if (tools.Validate(words, count)) result.status = kOk;
}

void disassemble(const uint32_t* words, size_t count, Result& result) {
  spvtools::SpirvTools tools(kEnvironment);
  tools.SetMessageConsumer(into(result.log));
  const uint32_t options = SPV_BINARY_TO_TEXT_OPTION_INDENT | SPV_BINARY_TO_TEXT_OPTION_NO_HEADER;
  if (tools.Disassemble(words, count, &result.data, options)) result.status = kOk;
}

void to_glsl(const uint32_t* words, size_t count, Result& result) {
  spvc_context context = nullptr;
  if (spvc_context_create(&context) != SPVC_SUCCESS) throw std::bad_alloc();
  spvc_parsed_ir ir = nullptr;
  spvc_compiler compiler = nullptr;
  spvc_compiler_options options = nullptr;
  const char* source = nullptr;
  const bool done =
      spvc_context_parse_spirv(context, words, count, &ir) == SPVC_SUCCESS &&
      spvc_context_create_compiler(context, SPVC_BACKEND_GLSL, ir, SPVC_CAPTURE_MODE_TAKE_OWNERSHIP,
                                   &compiler) == SPVC_SUCCESS &&
      spvc_compiler_create_compiler_options(compiler, &options) == SPVC_SUCCESS &&
      spvc_compiler_options_set_uint(options, SPVC_COMPILER_OPTION_GLSL_VERSION, 330) ==
          SPVC_SUCCESS &&
      spvc_compiler_options_set_bool(options, SPVC_COMPILER_OPTION_GLSL_ES, SPVC_FALSE) ==
          SPVC_SUCCESS &&
      spvc_compiler_options_set_bool(options, SPVC_COMPILER_OPTION_GLSL_ENABLE_420PACK_EXTENSION,
                                     SPVC_FALSE) == SPVC_SUCCESS &&
      spvc_compiler_install_compiler_options(compiler, options) == SPVC_SUCCESS &&
      spvc_compiler_compile(compiler, &source) == SPVC_SUCCESS;
  if (done) {
    result.data = source;
    result.status = kOk;
  } else {
    result.log = spvc_context_get_last_error_string(context);
  }
  spvc_context_destroy(context);
}

using WordsCall = void (*)(const uint32_t*, size_t, Result&);

Result* with_words(WordsCall call, const uint32_t* words, size_t count) {
  return on_large_stack([=](Result& result) { call(words, count, result); });
}

}  // namespace

extern "C" {

int ph_start() { return glslang::InitializeProcess() ? 0 : 1; }

Result* ph_compile(const char* text, size_t length) {
  return on_large_stack([=](Result& result) { compile(text, length, result); });
}
Result* ph_optimise(const uint32_t* w, size_t n) { return with_words(optimise, w, n); }
Result* ph_validate(const uint32_t* w, size_t n) { return with_words(validate, w, n); }
Result* ph_disassemble(const uint32_t* w, size_t n) { return with_words(disassemble, w, n); }
Result* ph_to_glsl(const uint32_t* w, size_t n) { return with_words(to_glsl, w, n); }

int ph_status(const Result* result) { return result == nullptr ? kOutOfMemory : result->status; }
const char* ph_data(const Result* result) { return result->data.data(); }
size_t ph_data_size(const Result* result) { return result->data.size(); }
const char* ph_log(const Result* result) { return result->log.data(); }
size_t ph_log_size(const Result* result) { return result->log.size(); }
void ph_free(Result* result) { delete result; }

// One line a library: "name version".
const char* ph_versions() {
  static std::string text;
  unsigned major = 0, minor = 0, patch = 0;
  spvc_get_version(&major, &minor, &patch);
  text = "glslang " + std::to_string(GLSLANG_VERSION_MAJOR) + "." +
         std::to_string(GLSLANG_VERSION_MINOR) + "." + std::to_string(GLSLANG_VERSION_PATCH) +
         "\nspirv-tools " + spvSoftwareVersionString() + "\nspirv-cross " + std::to_string(major) +
         "." + std::to_string(minor) + "." + std::to_string(patch);
  return text.c_str();
}

}  // extern "C"
