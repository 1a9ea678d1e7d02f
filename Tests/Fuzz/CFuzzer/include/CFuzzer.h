/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Runs libFuzzer with its own command line until it ends; -1 where the program was linked without it.
 *
 * `run` gets every input and returns 0.
 */
int energyd_fuzz(int argc, char **argv, int (*run)(const uint8_t *bytes, size_t count));

#endif
