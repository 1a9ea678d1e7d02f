import Formatting
import TestSupport
import Testing

struct PrintableTests {
    /// Every scalar up to the punctuation and symbols, and an even selection of all that Unicode has room for above.
    private static var everyScalar: some Sequence<Unicode.Scalar> {
        (Array(0...0x2FFF) + Array(stride(from: UInt32(0x3000), through: 0x10FFFF, by: 61)))
            .lazy.compactMap(Unicode.Scalar.init)
    }

    @Test(
        arguments: [
            0...0x1F, 0x7F...0x9F, 0xAD...0xAD, 0x061C...0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
            0xFEFF...0xFEFF, 0xFFF9...0xFFFB, 0xFFFE...0xFFFF, 0xE0000...0xE0FFF, 0x10FFFE...0x10FFFF,
        ] as [ClosedRange<UInt32>])
    func whatHasNoShapeIsNotPrintable(range: ClosedRange<UInt32>) {
        for value in range { #expect(Unicode.Scalar(value)?.isPrintable == false, "\(value)") }
    }

    @Test func namesOfTheWorldStayAsTheyAre() {
        for text in ["", "a b~", "naïve", "水", "🦊", "Ελληνικά", "עברית", "हिन्दी", "a\\x2db", "\u{FFFD}", "a\\u{1b}"] {
            #expect(text.printable() == text)
        }
    }

    @Test func whatIsReplacedCanBeSeen() {
        #expect("a\u{1B}[31mb\r\n\u{9B}\u{202E}".printable() == "a\\u{1b}[31mb\\u{d}\\u{a}\\u{9b}\\u{202e}")
        #expect("one\n\ttwo\u{7}".printable(keepsLines: true) == "one\n\ttwo\\u{7}")
        #expect("a\\u{1b}".printable(isReversible: true) == "a\\u{5c}u{1b}")
    }

    @Test func everyScalarIsShownOrWrittenOut() {
        // One expectation for all: each takes longer than what it checks.
        let wrong = Self.everyScalar.filter { scalar in
            let shown = String(scalar).printable()
            return scalar.isPrintable
                ? !shown.unicodeScalars.elementsEqual([scalar]) : shown != "\\u{\(String(scalar.value, radix: 16))}"
        }
        #expect(wrong.isEmpty)
    }

    @Test func randomTextIsCleanAndStaysSoAndIsToldApart() {
        var generator = SeededGenerator(seed: 1)
        let pieces = ["a", "\\", "u{", "\\u{1b}", "}", "1b", "\u{1B}", "\u{200B}", "\u{E0041}", "\u{301}", "\n", "é"]
        var sources: [String: String] = [:]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...5, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let shown = text.printable()
            #expect(!shown.unicodeScalars.contains { !$0.isPrintable })
            #expect(shown.printable() == shown)
            let label = text.printable(isReversible: true)
            #expect(Array((sources[label] ?? text).utf8) == Array(text.utf8), "\(label)")
            sources[label] = text
        }
    }

    @Test func everyScalarComesBackFromJSON() {
        let wrong = Self.everyScalar.filter { scalar in
            let bytes = ByteSink.collect { sink in
                sink.append(upTo: 26) { $0.append(quoted: String(scalar)) }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard !text.unicodeScalars.contains(where: { !$0.isPrintable }) else { return true }
            guard !scalar.isPrintable, scalar.value > 0x1F else { return false }
            let units = Array(String(scalar).utf16).map { unit in
                "\\u" + String(repeating: "0", count: 4 - String(unit, radix: 16).count) + String(unit, radix: 16)
            }
            return text != "\"" + units.joined() + "\""
        }
        #expect(wrong.isEmpty)
    }

    @Test func aDocumentOfAForeignServerIsShownSafely() {
        let document = Array("{\r\n\t\"a\": \"\u{9B}2J\u{202E}é\u{E0041}\"}".utf8) + [0xFF]
        #expect(String(printableJSON: document) == "{ \n\t\"a\": \"\\u009b2J\\u202eé\\udb40\\udc41\"}\u{FFFD}")
    }
}
