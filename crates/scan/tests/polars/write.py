"""Writes the files of this folder: `python write.py`, with Polars 2.1.0.

Polars puts a schema at the beginning of an IPC file that is no message of the format, so that only readers that go by
the footer read it.
"""

import polars

frame = polars.DataFrame(
    {
        "x": [1e16, 1.0, None, -1e16, 0.1, 2.5e-300],
        "n": [2**63 - 1, 2**63 - 1, None, -(2**53) - 1, 6, 7],
        "word": ["a", "bb", None, "c", "a", "a text of more than twelve bytes"],
        "kind": polars.Series(["red", "blue", None, "red", "red", "green"], dtype=polars.Categorical),
    }
)
frame.write_csv("frame.csv")
frame.write_ipc("plain.arrow")
frame.write_ipc("zstd.arrow", compression="zstd")
frame.write_ipc("lz4.arrow", compression="lz4")
frame.write_ipc("oldest.arrow", compat_level=polars.CompatLevel.oldest())
frame.write_ipc("batches.arrow", record_batch_size=2)
frame.write_ipc_stream("stream.arrow")
