import Compression
import TestSupport
import Testing

@Suite struct TarArchiveTests {
    /// Python's tar reads what was written.
    @Test func anotherTarReadsIt() throws {
        var archive = TarArchive()
        archive.append("report/empty", [])
        archive.append("report/block", [UInt8](repeating: 65, count: 512))
        archive.append("report/text", Array("a line\n".utf8))
        #expect(archive.names == ["report/empty", "report/block", "report/text"])
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a.tar.gz"
        try writeFile(path, bytes: gzipped(archive.bytes()))
        let (code, output) = try Child.run([
            "python3", "-c",
            """
            import sys, tarfile
            with tarfile.open(sys.argv[1]) as archive:
                for member in archive: print(member.name, oct(member.mode), archive.extractfile(member).read())
            """, path,
        ])
        #expect(code == 0)
        let block = String(repeating: "A", count: 512)
        #expect(
            output == "report/empty 0o600 b''\nreport/block 0o600 b'\(block)'\nreport/text 0o600 b'a line\\n'\n")
    }
}
