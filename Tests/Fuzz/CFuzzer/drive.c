/* SPDX-License-Identifier: Apache-2.0 */
#include "CFuzzer.h"

/* compiler-rt, lib/fuzzer/FuzzerInterface.h. Weak: only `make fuzz` links it, every other build goes without. */
__attribute__((weak)) int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *, size_t));

int energyd_fuzz(int argc, char **argv, int (*run)(const uint8_t *bytes, size_t count))
{
	return LLVMFuzzerRunDriver ? LLVMFuzzerRunDriver(&argc, &argv, run) : -1;
}
