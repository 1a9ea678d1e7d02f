// What the Fetching module uses of zlib, by its own header.
#pragma once
#include <zlib.h>

// A macro in zlib.h, which Swift does not see.
static inline int energyd_inflate_init_raw(z_stream *stream)
{
	return inflateInit2(stream, -MAX_WBITS);
}
