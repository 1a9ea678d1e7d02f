import Attribution
import Linux
import MeteringTestSupport
import TestSupport
import Testing
import Units

@testable import Metering

/// One window of one second that ends at `now`.
private func tick(_ source: inout some PowerSource, at now: Double, length: Double = 1) -> [String: ZoneReading] {
    source.sample(at: Seconds(now))
    let activity = NodeUsage(duration: Seconds(length), busy: Seconds(1), cpuCount: 2)
    return Dictionary(uniqueKeysWithValues: source.collect(activity, at: Seconds(now)).map { ($0.zone.name, $0) })
}

@Suite struct PolledSourceTests {
    @Test func everyWindowHasItsEnergyThoughReadingsComeSeldom() {
        let mailbox = PowerMailbox()
        var source = PolledSource.ipmi(interval: Seconds(5), mailbox: mailbox)
        #expect(tick(&source, at: 0).isEmpty)
        mailbox.post([.platform: Watts(200)])
        // The first reading is a base.
        #expect(tick(&source, at: 1).isEmpty)
        var joules = 0.0
        for second in 2...11 {
            if second == 7 { mailbox.post([.platform: Watts(300)]) }
            joules += tick(&source, at: Double(second))["platform"]?.energy.joules ?? 0
        }
        // 200 W until the window that ends at 7, 300 W in it and after it.
        #expect(abs(joules - (5 * 200 + 5 * 300)) < 0.001)
        #expect(source.health.reads == 2 && source.health.lastRead == Seconds(7))
    }

    @Test func aLongWindowHasTheMeanOfItsReadings() {
        let mailbox = PowerMailbox()
        var source = PolledSource.ipmi(interval: Seconds(5), mailbox: mailbox)
        mailbox.post([.platform: Watts(100)])
        #expect(tick(&source, at: 0, length: 60).isEmpty)
        for watts in [100.0, 200, 600, .nan] { mailbox.post([.platform: Watts(watts)]) }
        #expect(tick(&source, at: 60, length: 60)["platform"]?.energy == Microjoules(60 * 300_000_000))
        #expect(source.health.events["implausible"] == 1 && source.health.errors == 1)
    }

    @Test func aStaleReadingIsNotUsed() {
        let mailbox = PowerMailbox()
        var source = PolledSource.ipmi(interval: Seconds(5), mailbox: mailbox)
        mailbox.post([.platform: Watts(200)])
        for second in 0...15 { _ = tick(&source, at: Double(second)) }
        #expect(tick(&source, at: 16).isEmpty)
        mailbox.fail(Diagnosis(.unreachable, "no answer"))
        #expect(tick(&source, at: 17).isEmpty && source.health.errors == 1)
        mailbox.post([.platform: Watts(100)])
        // A new base: what happened in between is not known.
        #expect(tick(&source, at: 18).isEmpty)
        #expect(tick(&source, at: 19)["platform"]?.energy == Microjoules(100_000_000))
    }

    /// Whatever a meter reports, and whenever: energy is plausible, finite and never negative.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func fuzz(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let mailbox = PowerMailbox()
        var source = PolledSource.ipmi(interval: Seconds(1), mailbox: mailbox)
        var now = 0.0
        for _ in 0..<2000 {
            let values: [Double] = [
                .nan, .infinity, -.infinity, -5, 0, 1e300, .leastNonzeroMagnitude,
                .random(in: 0...30_000, using: &generator), Double(UInt32.max),
            ]
            if Bool.random(using: &generator), let value = values.randomElement(using: &generator) {
                mailbox.post([Bool.random(using: &generator) ? .platform : .psys: Watts(value)])
            }
            let step = Double.random(in: 0...4, using: &generator)
            now += step
            for reading in tick(&source, at: now, length: step).values {
                let watts = reading.energy.power(over: Seconds(step)).value
                #expect(watts.isFinite && watts >= 0 && watts <= 20_001)
            }
        }
    }
}

@Suite struct DCMITests {
    private struct FakeBMC: IPMITransport {
        var answer: [UInt8]
        var heard: [[UInt8]] = []

        mutating func send(function: UInt8, command: UInt8, data: [UInt8]) throws(Diagnosis) -> [UInt8] {
            heard.append([function, command] + data)
            return answer
        }
    }

    /// As an iDRAC answers: 212 W now, 4 to 498 W ever, 208 W in the mean, measuring.
    private let answer: [UInt8] = [
        0x00, 0xdc, 0xd4, 0x00, 0x04, 0x00, 0xf2, 0x01, 0xd0, 0x00, 0x5e, 0xb8, 0x1f, 0x65, 0xe8, 0x03, 0x00, 0x00,
        0x40,
    ]

    @Test func asksForThePowerOfTheSystem() throws {
        var bmc = FakeBMC(answer: answer)
        let mailbox = PowerMailbox()
        try readPower(over: &bmc, into: mailbox)
        #expect(bmc.heard == [[0x2c, 0x02, 0xdc, 0x01, 0x00, 0x00]])
        #expect(mailbox.take().power[.platform] == Watts(212))
    }

    @Test func refusalsAreExplained() {
        let refusals: [([UInt8], Diagnosis.Code)] = [
            ([0xc1], .missing), ([0xd4], .permission), ([0xc0], .unreachable), ([], .garbage), ([0x00], .garbage),
            ([0x00, 0xdd] + [UInt8](repeating: 0, count: 17), .garbage), (Array(answer.dropLast()) + [0x00], .missing),
            (Array(answer.prefix(12)), .garbage),
        ]
        for (bytes, code) in refusals {
            let error = #expect(throws: Diagnosis.self) { try DCMI.power(in: bytes) }
            #expect(error?.code == code, "\(bytes)")
        }
    }

    @Test func fuzz() {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if let power = try? DCMI.power(in: bytes) { #expect(power.value >= 0 && power.value <= 65535) }
        }
    }

    @Test func withoutADeviceItSaysWhatToLoad() throws {
        let directory = try TemporaryDirectory()
        try directory.write("vendor_id : GenuineIntel\ncpu family : 6\nmodel : 85\nflags : fpu\n", to: "cpuinfo")
        let paths = HostPaths(procfs: directory.path, sysfs: directory.path, devfs: directory.path)
        let error = #expect(throws: Diagnosis.self) { try PolledSource.ipmi(paths: paths) }
        #expect(error?.code == .missing && error?.remedy?.contains("ipmi_devintf") == true)
    }

    /// A file in the device's place refuses the ioctl: an error of every poll, and no power.
    @Test func aDeviceThatIsNoneIsAnError() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "ipmi0")
        let polling = ManualPolling()
        var source = try PolledSource.ipmi(paths: HostPaths(devfs: directory.path), polling: polling)
        polling.poll()
        _ = tick(&source, at: 0)
        #expect(source.health.errors == 1 && source.health.lastError?.contains("ipmi0") == true)
        #expect(tick(&source, at: 20).isEmpty)
    }
}
