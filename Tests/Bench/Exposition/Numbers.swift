import Formatting

/// Whether optimised code writes numbers right: the unit tests run without optimisation, and a fault in raw memory may
/// exist with it only.
enum Numbers {
    /// Writes a million numbers, of all magnitudes and of those that metrics have, and compares each with the standard
    /// library's text and with itself read back. Returns false, and says which, where one is wrong.
    static func areRight() -> Bool {
        for round in 0..<200_000 {
            let numbers = [
                Double(bitPattern: .random(in: 0 ... .max)), Double(UInt64.random(in: 0...10_000_000_000_000)) / 1e9,
                Double(UInt64.random(in: 0...100_000)) / 1e3, .random(in: 0...1e-6),
                Double(Int64.random(in: -1_000_000_000_000...1_000_000_000_000)),
            ]
            // Several in one piece, as in an exposition: one must not disturb the next.
            let text = String(
                decoding: ByteSink.collect { sink in
                    for number in numbers {
                        sink.append(upTo: 33) {
                            $0.append(number)
                            $0.append(UInt8(ascii: " "))
                        }
                    }
                }, as: UTF8.self)
            let words = text.split(separator: " ")
            let isRight =
                words.count == numbers.count
                && zip(words, numbers).allSatisfy { word, number in
                    word == "\(number)" && (number.isNaN || Double(word) == number)
                }
            guard isRight else {
                print("round \(round): \(numbers) became \(text)")
                return false
            }
        }
        return true
    }
}
