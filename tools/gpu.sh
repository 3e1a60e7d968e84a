# In: a build, or what `./check --gpu pack` made of one. Out: the tests that need a card, a step each under 9 minutes.
# Sourced by ./check after tools/steps.sh and tools/tests.sh. What the steps show: docs/performance.md.
GPU=build/gpu
GPU_STEPS='ops sanitizer python replays'
GPU_SECONDS=540                              # of a step at most: a machine with a card may be lent for little more at a time
GPU_MEGABYTES=60                             # of build/gpu at most
# The tests of ops, on whatever device is there; kernels of a card raise no errors of indices and draw classes otherwise
# (docs/differences.md), and datasets are many small ops, which an emulated one takes long for.
GPU_OPS='*Op*:*Eager*:*Array*:*Math*:*Function*:*Grad*:-*.ErrorsAreTensorFlows:RandomFunctions.NumbersAreTensorFlows:Data.*'

# Programs without debug symbols, data and wheels: at most 60 MB, which is what travels to a machine with a card.
gpu_pack() {
  [ -e build/release/libninefold-cuda.so ] || { echo "check: --gpu pack: there is no build/release/libninefold-cuda.so; install nvcc and build" >&2; exit 1; }
  rm -rf $GPU
  mkdir -p $GPU/data
  strip -o $GPU/ninefold_tests build/release/tests/ninefold_tests
  strip --strip-unneeded -o $GPU/libninefold-cuda.so build/release/libninefold-cuda.so
  cp -r tests/data/gpu $GPU/data/
  cp dist/ninefold-*-cp312-abi3-*.whl dist/ninefold_cuda-*.whl $GPU/ 2>/dev/null || say "no wheels in dist: the step python will be left out"
  local size
  size=$(du -sm --apparent-size $GPU | cut -f1)
  say "$GPU: $size MB"
  [ "$size" -le $GPU_MEGABYTES ] && return
  echo "check: --gpu pack: $GPU has $size MB, more than the $GPU_MEGABYTES that may travel; a GPU library for one kind of card is" \
    "smaller: build with NINEFOLD_CUDA_TARGETS=90, as ./check does" >&2
  (cd $GPU && du -am --apparent-size --threshold=1M . | sort -rn | sed -n 2,9p) >&2
  exit 1
}

# Each step's time is told; one that took too long has failed.
gpu_steps() { # STEP...
  local part began took
  for part in "$@"; do
    began=$SECONDS
    gpu_step "$part"
    took=$((SECONDS - began))
    say "--gpu $part: $took s of the $GPU_SECONDS that a step may take"
    [ "$took" -le "$GPU_SECONDS" ] && continue
    FAILED=$((FAILED + 1))
    BROKEN+=("--gpu $part took $took s, more than the $GPU_SECONDS that a step may take")
  done
}

# The wheels, unpacked; NumPy comes from the machine: there is no network.
gpu_site() {
  rm -rf $GPU/site
  python3 -m pip install -q --no-index --no-deps --no-compile --target $GPU/site $GPU/*.whl
}

gpu_step() { # STEP
  local library=$PWD/$GPU/libninefold-cuda.so sanitizer
  case $1 in
    ops) tests "GPU: ops" gtest env NINEFOLD_CUDA_LIBRARY="$library" NINEFOLD_TEST_DATA="$PWD/$GPU/data" $GPU/ninefold_tests --gtest_filter="Gpu*:$GPU_OPS" ;;
    sanitizer)
      sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null || true)
      [ -n "$sanitizer" ] || { say "tests: GPU: sanitizer: skipped: there is no compute-sanitizer"; return; }
      tests "GPU: sanitizer" gtest env NINEFOLD_CUDA_LIBRARY="$library" NINEFOLD_TEST_DATA="$PWD/$GPU/data" \
        "$sanitizer" --error-exitcode 9 $GPU/ninefold_tests --gtest_filter='Gpu.*:-Gpu.MemoryIsCounted*' ;;
    python)
      ls $GPU/*.whl >/dev/null 2>&1 || { say "tests: GPU: python: skipped: $GPU holds no wheels"; return; }
      gpu_site
      one_test "GPU: ninefold check --gpu" env PYTHONPATH="$PWD/$GPU/site" python3 -m ninefold.check_gpu ;;
    replays)
      ls $GPU/*.whl >/dev/null 2>&1 || { say "tests: GPU: replays: skipped: $GPU holds no wheels"; return; }
      gpu_site
      tests "GPU: replays" pytest env PYTHONPATH="$PWD/$GPU/site" python3 tests/replay/on_gpu.py ;;
    *) echo "check: no step of --gpu is named '$1'; these are: pack $GPU_STEPS" >&2; exit 2 ;;
  esac
}
