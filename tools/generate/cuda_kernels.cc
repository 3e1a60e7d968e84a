// In: the families of element-wise expressions. Out: their CUDA kernels, a file a family and dtype, in the given folder;
// run by the build, so that what the card computes cannot differ from what the records say.
//   cuda_kernels --list; cuda_kernels FOLDER
#include <cstdio>
#include <fstream>
#include <string>

#include "engine/op/elementwise/cuda_text.h"

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("cuda_kernels: expected one folder\n", stderr), 2;
  for (const ninefold::elementwise::CudaFile& f : ninefold::elementwise::cuda_files()) {
    const std::string path = std::string(argv[1]) + "/" + f.name + ".cu";
    std::ofstream out(path);
    out << "// Generated from src/engine/op/elementwise by tools/generate/cuda_kernels.cc; not edited.\n"
           "#include \"engine/ops/elementwise.cuh\"\n\nnamespace {\n\n"
        << f.kernels << "\n}  // namespace\n";
    if (!out.flush()) return std::fprintf(stderr, "cuda_kernels: cannot write %s\n", path.c_str()), 1;
  }
}
