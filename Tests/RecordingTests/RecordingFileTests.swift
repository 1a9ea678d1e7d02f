import Engine
import Metering
import Recording
import TestSupport
import Testing

@Suite struct RecordingFileTests {
    /// Every tick up to the end, and why it ended; nil for the end of the file.
    private func read(_ bytes: [UInt8]) -> (ticks: [RecordedTick], end: RecordingError.Code?, breaksOff: Bool) {
        var ticks: [RecordedTick] = []
        do throws(RecordingError) {
            var reader = try RecordingReader(bytes)
            do throws(RecordingError) {
                while let tick = try reader.next() { ticks.append(tick) }
                return (ticks, nil, reader.breaksOff)
            } catch {
                return (ticks, error.code, reader.breaksOff)
            }
        } catch {
            return (ticks, error.code, false)
        }
    }

    @Test func whatWasWrittenIsRead() throws {
        let (ticks, end, breaksOff) = read(TickSamples.file(150))
        #expect(ticks == TickSamples.ticks(150))
        #expect(end == nil && !breaksOff)
        let header = try RecordingReader(TickSamples.file(0)).header
        let expected = TickSamples.header
        #expect(header.program == expected.program && header.settings == expected.settings)
        #expect(header.requestedMeters == expected.requestedMeters && !header.isAnonymised)
        #expect(header.facts.hardware.cpu == expected.facts.hardware.cpu)
        #expect(header.facts.hardware.memoryBytes == expected.facts.hardware.memoryBytes)
        #expect(header.facts.threads == 8 && header.facts.sockets == [0, 1])
        #expect(header.facts.cgroupRoot == "/sys/fs/cgroup")
        #expect(try header.facts.powerModel?.get() == [1, 2, 3])
    }

    /// As after a crash: whole up to the last block.
    @Test func aFileThatBreaksOffIsWholeUpToThere() throws {
        let bytes = TickSamples.file(150)
        let header = TickSamples.file(0).count
        var lengths: Set<Int> = []
        for length in stride(from: header, to: bytes.count, by: bytes.count / 30) {
            let (ticks, end, _) = read(Array(bytes.prefix(length)))
            #expect(end == nil && ticks == TickSamples.ticks(ticks.count))
            lengths.insert(ticks.count)
        }
        #expect(read(Array(bytes.dropLast())).breaksOff && !read(bytes).breaksOff)
        // Blocks of 60 ticks.
        #expect(lengths == [0, 60, 120])
        #expect(read(Array(bytes.prefix(header - 1))).end == .damaged(0))
    }

    @Test func aChangedByteIsNoticed() throws {
        let bytes = TickSamples.file(70)
        for index in stride(from: 19, to: bytes.count, by: bytes.count / 50) {
            var damaged = bytes
            damaged[index] ^= 0x41
            let (ticks, end, breaksOff) = read(damaged)
            #expect(ticks == TickSamples.ticks(ticks.count) && ticks.count < 70)
            #expect(end != nil || breaksOff, "byte \(index)")
        }
    }

    @Test func noGarbageIsTakenForARecording() {
        var generator = SeededGenerator(seed: 7)
        #expect(read([]).end == .notARecording)
        #expect(read(Array("energyd recording\n".utf8)).end == .notARecording)
        for _ in 0..<500 {
            let noise = (0..<Int.random(in: 1..<200, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(read(noise).end == .notARecording)
            #expect(read(Array("energyd recording\n".utf8) + [1] + noise).ticks.isEmpty)
        }
    }

    @Test func anotherVersionIsRefused() {
        #expect(read(Array("energyd recording\n".utf8) + [9]).end == .unsupportedVersion(9))
    }
}
