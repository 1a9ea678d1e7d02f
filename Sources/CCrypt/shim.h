// What the agent uses of libxcrypt: bcrypt for passwords of readers.
#pragma once
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

// The hash of a password with the settings of another one into `output`, whose size is CRYPT_OUTPUT_SIZE at least; 0 where
// that worked. The state is 32 KB, and holds what an attacker would like to have.
static inline int energyd_crypt(const char *password, const char *setting, char *output, size_t size)
{
	struct crypt_data *state = calloc(1, sizeof *state);
	if (!state)
		return -1;
	const char *hash = crypt_r(password, setting, state);
	int failed = !hash || hash[0] == '*' || strlen(hash) >= size;
	if (!failed)
		memcpy(output, hash, strlen(hash) + 1);
	explicit_bzero(state, sizeof *state);
	free(state);
	return failed ? -1 : 0;
}
