import Linux
import TestSupport
import Testing
import Workloads

@Suite struct NameBytesTests {
    @Test func everyNameCanBeOpenedAgainAndNoTwoAreEqual() {
        var random = SeededGenerator(seed: 7)
        var seen: [String: [UInt8]] = [:]
        let pieces: [[UInt8]] = [
            Array("a".utf8), Array("é".utf8), Array("e\u{301}".utf8), Array("\u{301}".utf8), [0xFF], [0xC3], [0xA9],
            [0xED, 0xA0, 0x80], Array("\u{EFA9}".utf8), Array("\u{FFFD}".utf8), Array("\u{212B}".utf8), Array("Å".utf8),
            Array("\u{1112}\u{1161}".utf8), Array("하".utf8), Array("\r".utf8), Array("\\xff".utf8),
            Array("\u{600}".utf8), Array("👩‍👩‍👧".utf8), Array("日本".utf8), [0xEE, 0xBE], Array("\u{16D67}".utf8),
        ]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...4, using: &random)).flatMap { _ in
                pieces.randomElement(using: &random) ?? []
            }
            let text = NameBytes.text(bytes)
            #expect(NameBytes.bytes(of: text) == bytes)
            if let other = seen.updateValue(bytes, forKey: text) { #expect(other == bytes, "\(text)") }
        }
        #expect(seen.count > 5000)
    }

    @Test func whatIsPlainStandsForItself() {
        for name in ["user@1000.service", "größe", "日本.slice", "a b\\x2d", "привет", "€"] {
            #expect(NameBytes.text(Array(name.utf8)) == name)
            #expect(NameBytes.readable(name) == name)
        }
    }

    @Test func aPathIsItsNames() {
        let (first, second) = (Array("e\u{301}".utf8), [UInt8(0xFF), 0x61])
        let path = [UInt8(ascii: "/")] + first + [UInt8(ascii: "/")] + second
        #expect(NameBytes.text(path) == "/" + NameBytes.text(first) + "/" + NameBytes.text(second))
        #expect(NameBytes.bytes(of: NameBytes.text(path)) == path)
    }

    @Test func peopleSeeTheLetters() {
        let path = "/" + NameBytes.text(Array("cafe\u{301}.service".utf8))
        #expect(Array(CgroupIdentity(cgroupPath: path).name.utf8) == Array("cafe\u{301}.service".utf8))
        #expect(CgroupIdentity(cgroupPath: path).path == path)
        let broken = "/" + NameBytes.text([0x61, 0xFF])
        #expect(CgroupIdentity(cgroupPath: broken).name == "a\u{FFFD}")
        #expect(CgroupIdentity(cgroupPath: broken) != CgroupIdentity(cgroupPath: "/" + NameBytes.text([0x61, 0xFE])))
    }
}
