// What the Compression module uses of zlib, by its own header.
#pragma once
#include <zlib.h>

// Macros in zlib.h, which Swift does not see.
static inline int energyd_inflate_init_raw(z_stream *stream)
{
	return inflateInit2(stream, -MAX_WBITS);
}

// 16 more asks for the frame of gzip.
static inline int energyd_deflate_init_gzip(z_stream *stream, int level)
{
	return deflateInit2(stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}
