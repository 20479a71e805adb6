"""Content codings by implementations that are not ours."""
import gzip
import zlib

import brotli
import zstandard

ENCODERS = {"gzip": lambda body: gzip.compress(body, mtime=0), "br": brotli.compress,
            "zstd": lambda body: zstandard.ZstdCompressor().compress(body)}
DECODERS = {"gzip": lambda body: zlib.decompress(body, 31), "br": brotli.decompress,
            "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body)}
NAMES = set(ENCODERS)


def encoded(body, variants):
    """`body` in the coding that is one of `variants`, or as it is."""
    for name in NAMES & set(variants):
        body = ENCODERS[name](body)
    return body


def decoded(body, variants):
    for name in NAMES & set(variants):
        body = DECODERS[name](body)
    return body
