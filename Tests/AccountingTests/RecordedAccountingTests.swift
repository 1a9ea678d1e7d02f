import Accounting
import AccountingTestSupport
import TestSupport
import Testing

@Suite struct RecordedAccountingTests {
    private let origin = SuspendingClock().systemEpoch

    /// Samples with every field, and how many there are.
    private func recording(count: Int = 3) throws -> (samples: [AccountingSample], bytes: [UInt8]) {
        let script = ScriptedAccounting()
        let recorder = AccountingRecorder(script, origin: origin)
        var samples: [AccountingSample] = []
        var sample = AccountingSample()
        for tick in 0..<count {
            script.create(UInt64(tick + 10), "/a\(tick)/é")
            script.rename(UInt64(tick + 9), to: "/b\(tick)")
            script.run(UInt64(tick + 10), try #require(UsageCounters(values: (1...28).map { $0 << 33 })))
            script.run(3 | 1 << 63, nanoseconds: 5)
            script.runProcess(-1, in: 3, comm: "a b", nanoseconds: 7, exits: tick == 1)
            script.runKernel(nanoseconds: 11)
            script.overflow(nanoseconds: 13)
            script.remove(UInt64(tick + 8))
            script.forget(UInt64(tick + 7))
            script.change { sample in
                var cpu = CPUTimeTotals()
                (cpu.charged, cpu.idle, cpu.stolen) = (17, .max, 19)
                cpu.moment = origin + .seconds(tick)
                (cpu.online, cpu.onlineThroughout) = (4, tick == 0 ? nil : 3)
                sample.cpu = cpu
                var kernel = KernelState()
                kernel.memoryBytes = 1 << 40
                kernel.coreClasses = ["performance", "efficiency"]
                kernel.counters = ["cycles"]
                kernel.countingPeriod = tick == 0 ? nil : 16
                kernel.hasWaits = true
                sample.kernel = kernel
                sample.faults = ["one": 1, "two": .max]
            }
            try recorder.read(into: &sample)
            samples.append(sample)
        }
        return (samples, recorder.bytes)
    }

    /// Every sample up to the end, and why it ended.
    private func replay(_ bytes: [UInt8]) -> (samples: [AccountingSample], end: RecordingError.Code?) {
        var samples: [AccountingSample] = []
        do throws(RecordingError) {
            let recorded = try RecordedAccounting(bytes, origin: origin)
            var sample = AccountingSample()
            while true {
                do { try recorded.read(into: &sample) } catch {
                    return (samples, (error as? RecordingError)?.code)
                }
                samples.append(sample)
            }
        } catch { return (samples, error.code) }
    }

    @Test func whatWasRecordedIsReplayed() throws {
        let (samples, bytes) = try recording()
        let (replayed, end) = replay(bytes)
        #expect(replayed == samples && end == .atEnd)
        let tier = try RecordedAccounting(bytes, origin: origin).tier
        #expect(tier == Tier(.ebpf, reason: "CPU time is scripted", isDegraded: false))
    }

    @Test func aRecordingThatBreaksOffIsWholeUpToThere() throws {
        let (samples, bytes) = try recording()
        let header = try recording(count: 0).bytes.count
        for length in header..<bytes.count {
            let (replayed, end) = replay(Array(bytes.prefix(length)))
            #expect(end == .atEnd)
            #expect(replayed == Array(samples.prefix(replayed.count)) && replayed.count < samples.count)
        }
    }

    @Test func aChangedByteIsNoticed() throws {
        let (samples, bytes) = try recording()
        for index in try recording(count: 0).bytes.count..<bytes.count {
            var damaged = bytes
            damaged[index] ^= 0x41
            let (replayed, end) = replay(damaged)
            // One in a length may look like a file that breaks off; what was read up to there is right.
            #expect(
                replayed == Array(samples.prefix(replayed.count)) && (end != .atEnd || replayed.count < samples.count))
        }
    }

    @Test func noGarbageIsTakenForARecording() {
        var generator = SeededGenerator(seed: 7)
        #expect(replay([]).end == .notARecording)
        for _ in 0..<2000 {
            let noise = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(replay(noise).end == .notARecording)
            #expect(replay(Array("energyd accounting\n".utf8) + noise).samples.isEmpty)
        }
    }

    @Test func anotherVersionIsRefused() {
        #expect(replay(Array("energyd accounting\n".utf8) + [9]).end == .unsupportedVersion(9))
    }

    @Test func aRecordingIsBounded() throws {
        let script = ScriptedAccounting()
        let recorder = AccountingRecorder(script, origin: origin, limit: 200)
        var sample = AccountingSample()
        for tick in 0..<100 {
            script.create(UInt64(tick), "/a")
            try recorder.read(into: &sample)
        }
        #expect(recorder.bytes.count <= 200 && recorder.samplesLeftOut > 50)
        #expect(replay(recorder.bytes).samples.count == 100 - recorder.samplesLeftOut)
    }
}
