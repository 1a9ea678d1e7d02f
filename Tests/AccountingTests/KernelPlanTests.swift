import Accounting
import BPF
import Linux
import Testing

@Suite struct KernelPlanTests {
    /// The plan for a kernel that has every feature up to a version.
    private func plan(
        _ tier: AccountingConfiguration.TierChoice = .automatic, without missing: [KernelFeature]
    ) throws -> KernelPlan {
        try KernelPlan(tier) { !missing.contains($0) }
    }

    @Test func aPresentKernelDoesEverything() throws {
        let plan = try plan(without: [])
        #expect(plan.reading == .drain && !plan.flushesUntyped && plan.seesSiblings && plan.limitation == nil)
        #expect(try self.plan(.ebpfBatch, without: []).reading == .batch)
    }

    @Test func aKernelBefore519IsReadMapByMap() throws {
        let plan = try plan(without: [.remoteLookup])
        #expect(plan.reading == .batch && !plan.flushesUntyped && !plan.seesSiblings)
        #expect(plan.limitation == "looking up another CPU's totals needs Linux 5.19")
    }

    @Test func aKernelBefore511HasNoTypedTask() throws {
        let plan = try plan(without: [.typedCurrentTask, .syscallPrograms, .loops, .remoteLookup])
        #expect(plan.reading == .batch && plan.flushesUntyped)
        var settings = KernelSettings(cgroupCapacity: 16)
        settings.counters = [.cycles]
        plan.apply(to: &settings)
        #expect(settings.counters.isEmpty && settings.flushesUntyped && settings.reading == .batch)
    }

    @Test func withoutFunctionsThatTakeProgramsTracepointsFollowCgroups() throws {
        #expect(try plan(without: []).events == .functions)
        let plan = try plan(without: [.functionHooks])
        var settings = KernelSettings(cgroupCapacity: 16)
        plan.apply(to: &settings)
        #expect(settings.events == .tracepoints && plan.reading == .drain && plan.limitation == nil)
    }

    @Test func whatIsIndispensableIsNamed() {
        let error = #expect(throws: BPFError.self) { try plan(without: [.ringBuffer]) }
        #expect(
            error?.description
                == "cannot account in the kernel: Operation not supported: a ring buffer needs Linux 5.8")
        let untyped = #expect(throws: BPFError.self) { try plan(without: [.typeInformation]) }
        #expect(untyped?.description.contains("needs Linux 5.4 built with CONFIG_DEBUG_INFO_BTF") == true)
    }

    @Test func aTierThatWasAskedForIsNotReplaced() {
        let error = #expect(throws: BPFError.self) { try plan(.ebpf, without: [.remoteLookup]) }
        #expect(error?.description.contains("needs Linux 5.19") == true)
    }
}
