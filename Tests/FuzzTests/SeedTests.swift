import FuzzTargets
import Glibc
import TestSupport
import Testing

/// Without libFuzzer: the examples, what was found before, and some changes of both. `make fuzz` searches.
@Suite struct SeedTests {
    /// Changes of every input.
    private static let mutations = 20

    @Test(arguments: FuzzTarget.all.map(\.name))
    func readsWhatWasFoundBefore(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let inputs = target.examples() + seeds(of: target)
        #expect(!inputs.isEmpty, "a target has an example")
        var generator = SeededGenerator(seed: 7)
        for input in inputs {
            target.run(input)
            for _ in 0..<Self.mutations { target.run(changed(input, with: inputs, &generator)) }
        }
    }

    @Test func namesAreUnique() {
        #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
    }

    private func seeds(of target: FuzzTarget) -> [[UInt8]] {
        let directory = #filePath.replacing("FuzzTests/SeedTests.swift", with: "Fuzz/Seeds/\(target.name)")
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var found: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."), let file = fopen("\(directory)/\(name)", "r") else { continue }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
            found.append(bytes)
        }
        return found
    }

    /// One to four changes: a bit, a byte, a piece left out, repeated, or taken from another input.
    private func changed(_ input: [UInt8], with others: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = input
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            let length = min(bytes.count - place, Int.random(in: 1...16, using: &generator))
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 2: bytes.removeSubrange(place..<(place + length))
            case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            default:
                guard let other = others.randomElement(using: &generator) else { continue }
                let start = Int.random(in: 0...other.count, using: &generator)
                bytes.insert(contentsOf: other[start..<min(other.count, start + length)], at: place)
            }
        }
        return bytes
    }
}
