import CEnergyBPF
import Testing

@testable import Accounting

@Suite struct IdleTimeTests {
    private static func cpu(at wall: UInt64, idle: UInt64, running pid: UInt32 = 0) -> energyd_cpu {
        var cpu = energyd_cpu()
        (cpu.wall_ns, cpu.idle_ns, cpu.pid) = (wall, idle, pid)
        return cpu
    }

    private var idle = IdleTime(cpuCount: 2)

    /// CPU 0 runs something, the other one went idle at 100.
    init() {
        idle.update([Self.cpu(at: 200, idle: 50, running: 7), Self.cpu(at: 100, idle: 30)], online: [0, 1])
        idle.update([Self.cpu(at: 300, idle: 60, running: 7), Self.cpu(at: 100, idle: 30)], online: [0, 1])
    }

    @Test func whatIsInFlightCounts() {
        #expect(idle.total == 10 + 100 && idle.onlineThroughout == 2)
    }

    /// Only part of such a window is a CPU's, so that the window is nobody's measure.
    @Test mutating func aWindowInWhichACPUGoesOrComesIsTold() {
        idle.update([Self.cpu(at: 400, idle: 60, running: 7), Self.cpu(at: 350, idle: 250)], online: [0])
        #expect(idle.onlineThroughout == nil && idle.total == 110)
        idle.update([Self.cpu(at: 500, idle: 60, running: 7), Self.cpu(at: 350, idle: 250)], online: [0])
        #expect(idle.onlineThroughout == 1 && idle.total == 110)
        // Its first event brings the time in which it was away.
        let back = Self.cpu(at: 550, idle: 450, running: 8)
        idle.update([Self.cpu(at: 600, idle: 60, running: 7), back], online: [0, 1])
        #expect(idle.onlineThroughout == nil && idle.total == 110)
        idle.update([Self.cpu(at: 700, idle: 60, running: 7), Self.cpu(at: 680, idle: 460)], online: [0, 1])
        #expect(idle.onlineThroughout == 2 && idle.total == 140)
    }

    @Test func aCPUBeginsWithItsFirstSwitch() {
        var idle = IdleTime(cpuCount: 2)
        for wall in [100, 200] as [UInt64] {
            idle.update([Self.cpu(at: wall, idle: 0, running: 7), energyd_cpu()], online: [0, 1])
        }
        #expect(idle.onlineThroughout == 1 && idle.total == 0)
        idle.update([Self.cpu(at: 300, idle: 0, running: 7), Self.cpu(at: 290, idle: 0)], online: [0, 1])
        #expect(idle.onlineThroughout == nil && idle.total == 0)
        idle.update([Self.cpu(at: 400, idle: 0, running: 7), Self.cpu(at: 290, idle: 0)], online: [0, 1])
        #expect(idle.onlineThroughout == 2 && idle.total == 100)
    }
}
