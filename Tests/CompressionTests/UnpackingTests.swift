import Compression
import TestSupport
import Testing

@Suite struct UnpackingTests {
    /// Of python3: `gzip.compress`, `zlib.compress` and raw `deflate` of `{"PowerConsumedWatts": 344}`, of 2,000 numbers, ...
    private func packed(_ expression: String) throws -> [UInt8] {
        let (code, output) = try Child.run([
            "python3", "-c",
            """
            import gzip, zlib, random
            random.seed(4)
            text = (' '.join(str(random.randrange(10000)) for _ in range(2000)) + 'a' * 3000).encode()
            def raw(data, level=6, strategy=0):
                packer = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
                return packer.compress(data) + packer.flush()
            print((\(expression)).hex())
            """,
        ])
        guard code == 0 else { throw Failure(output) }
        let digits = Array(output.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test(arguments: [
        ("gzip.compress(text)", "gzip"), ("gzip.compress(text)", "x-gzip"), ("gzip.compress(text)", "GZIP"),
        ("gzip.compress(text[:5000]) + gzip.compress(text[5000:])", "gzip"),
        ("gzip.compress(text) + bytes(16)", "gzip"),
        ("gzip.compress(b'') * 50_000 + gzip.compress(text)", "gzip"),
        ("zlib.compress(text)", "deflate"), ("raw(text)", "deflate"), ("raw(text, 1)", "Deflate"),
        ("raw(text, 0)", "deflate"), ("raw(text, 9, zlib.Z_FIXED)", "deflate"),
        ("raw(text, 9, zlib.Z_HUFFMAN_ONLY)", "deflate"),
        (
            "bytes([31, 139, 8, 30, 0, 0, 0, 0, 0, 3, 2, 0, 7, 7]) + b'name\\0' + b'comment\\0' + bytes(2) + raw(text) "
                + "+ bytes(4) + len(text).to_bytes(4, 'little')",
            "gzip"
        ),
        // Says so, and is not.
        ("text", "gzip"), ("text", "identity"),
    ])
    func everyWayToPack(_ expression: String, _ coding: String) throws {
        #expect(try unpacked(packed(expression), coding: coding, limit: 1 << 20) == packed("text"))
    }

    /// In pieces of every size, and read by python3.
    @Test(arguments: [(0, 1), (1, 1), (100_000, 7), (3_000_000, 65_536)])
    func whatIsPackedComesBack(_ size: Int, _ piece: Int) throws {
        var random = SeededGenerator(seed: 3)
        let body = (0..<size).map { _ in UInt8.random(in: 0...3, using: &random) }
        var packed: [UInt8] = []
        let writer = GzipWriter { packed += $0 }
        for start in stride(from: 0, to: size, by: piece) {
            body[start..<min(start + piece, size)].withUnsafeBytes { writer.append($0) }
        }
        writer.finish()
        #expect(packed.count < size / 2 + 100)
        #expect(try unpacked(packed, coding: "gzip", limit: size) == body && gzipped(body).count <= packed.count + 100)
        let directory = try TemporaryDirectory()
        try writeFile(directory.path + "/a.gz", bytes: packed)
        let script = "import gzip, zlib; b = gzip.open('\(directory.path)/a.gz').read(); print(len(b), sum(b))"
        let (code, output) = try Child.run(["python3", "-c", script])
        #expect(code == 0 && output == "\(size) \(body.reduce(0) { $0 + Int($1) })\n", "\(output)")
    }

    @Test func theSizeIsBounded() throws {
        let bytes = try packed("gzip.compress(text)")
        let size = try packed("text").count
        #expect(try unpacked(bytes, coding: "gzip", limit: size).count == size)
        #expect(throws: InflateFailure.tooLarge) {
            try unpacked(bytes, coding: "gzip", limit: size - 1)
        }
        let twice = try packed("gzip.compress(text) * 2")
        #expect(throws: InflateFailure.self) { try unpacked(twice, coding: "gzip", limit: size * 2 - 1) }
        #expect(throws: InflateFailure.unknownCoding) { try unpacked([1, 2], coding: "br", limit: size) }
    }

    /// Cut off at any place, and with any byte changed: an error or other bytes, and never an end of the process.
    @Test(arguments: ["gzip", "deflate"]) func damageIsNoDanger(_ coding: String) throws {
        let bytes = try packed(coding == "gzip" ? "gzip.compress(text[:600])" : "raw(text[:600])")
        for length in 2..<bytes.count {
            #expect(throws: InflateFailure.self) { try unpacked(Array(bytes[..<length]), coding: coding, limit: 4096) }
        }
        var random = SeededGenerator(seed: 9)
        for _ in 0..<5000 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                broken[Int.random(in: 0..<broken.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let output = try? unpacked(broken, coding: coding, limit: 4096)
            #expect((output?.count ?? 0) <= 4096)
        }
    }
}
