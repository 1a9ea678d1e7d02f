import FoundationEssentials
import TestSupport
import Testing

@testable import Kubernetes

/// What a pod requests, by Kubernetes' own rule.
@Suite struct RequestTests {
    private func request(_ spec: String, _ resource: String = "cpu", status: String = "{}") throws -> Double? {
        let text = #"{"metadata":{},"spec":{\#(spec)},"status":\#(status)}"#
        return try JSONDecoder().decode(Pod.self, from: Data(text.utf8)).request(resource)
    }

    private static func container(_ name: String, _ cpu: String?, lasts: Bool = false) -> String {
        let requests = cpu.map { #""requests":{"cpu":"\#($0)"}"# } ?? ""
        let policy = lasts ? #","restartPolicy":"Always""# : ""
        return #"{"name":"\#(name)","resources":{\#(requests)}\#(policy)}"#
    }

    private static func containers(_ list: String..., initial: [String] = []) -> String {
        #""containers":[\#(list.joined(separator: ","))],"initContainers":[\#(initial.joined(separator: ","))]"#
    }

    private static let cases: [Case] = [
        Case(containers(container("a", "500m")), #""overhead":{"cpu":"250m"}"#, 0.75),
        Case(containers(container("a", nil)), #""resources":{"requests":{"cpu":"2"}}"#, 2),
        Case(containers(container("a", "100m")), #""resources":{"requests":{"cpu":"2"}}"#, 2),
        Case(containers(container("a", "100m")), #""resources":{"requests":{"memory":"2Gi"}}"#, 0.1),
        Case(containers(container("a", "3")), #""resources":{"requests":{"cpu":"2"}},"overhead":{"cpu":"1"}"#, 3),
        Case(
            containers(container("a", "100m"), initial: [container("s", "100m", lasts: true), container("i", "500m")]),
            0.6),
        Case(
            containers(container("a", "100m"), initial: [container("i", "500m"), container("s", "100m", lasts: true)]),
            0.5),
        Case(containers(container("a", "1"), initial: [container("s", "1", lasts: true), container("i", "1")]), 2),
        Case(
            containers(
                container("a", "100m"),
                initial: [
                    container("s", "1", lasts: true), container("i", "2"), container("t", "3", lasts: true),
                    container("j", "1"),
                ]), 5),
        Case(containers(container("a", "100m"), container("b", "200m")), 0.3),
    ]

    struct Case: Sendable {
        let spec: String
        let expected: Double

        init(_ containers: String, _ expected: Double) {
            spec = containers
            self.expected = expected
        }

        init(_ containers: String, _ more: String, _ expected: Double) {
            self.init(containers + "," + more, expected)
        }
    }

    @Test(arguments: cases)
    func theMostThatIsNeededAtAnyTime(_ example: Case) throws {
        #expect(try request(example.spec) == example.expected)
    }

    @Test func whatWasSetAsideCountsOnlyBesideWhatApplies() throws {
        let spec = Self.containers(Self.container("a", "1"))
        let allocated = #"{"containerStatuses":[{"name":"a","allocatedResources":{"cpu":"2"}}]}"#
        #expect(try request(spec, status: allocated) == 1)
        let whole = spec + #","resources":{"requests":{"cpu":"3"}}"#
        #expect(try request(whole, status: #"{"allocatedResources":{"cpu":"4"}}"#) == 3)
        #expect(
            try request(whole, status: #"{"allocatedResources":{"cpu":"4"},"resources":{"requests":{"cpu":"3"}}}"#) == 4
        )
    }

    @Test(arguments: [("Succeeded", nil), ("Failed", nil), ("Running", 1), ("Pending", 1)])
    func whatEndedRequestsNothing(phase: String, expected: Double?) throws {
        let spec = Self.containers(Self.container("a", "1"))
        #expect(try request(spec, status: #"{"phase":"\#(phase)"}"#) == expected)
    }

    private static let infeasible =
        #""conditions":[{"type":"PodResizePending","status":"True","reason":"Infeasible"}]"#

    private static func status(_ allocated: String, _ actual: String) -> String {
        #"{"name":"a","allocatedResources":{"cpu":"\#(allocated)"},"resources":{"requests":{"cpu":"\#(actual)"}}}"#
    }

    @Test(arguments: [
        ("2", #""resize":"Infeasible""#, "1", "1", 1.0),
        ("2", infeasible, "1", "1", 1),
        ("2", #""conditions":[{"type":"PodResizePending","status":"True","reason":"Deferred"}]"#, "1", "1", 2),
        ("500m", #""phase":"Running""#, "1", "1", 1), ("500m", #""phase":"Running""#, "500m", "1", 1),
        ("2", #""phase":"Running""#, "1", "1", 2), ("1", #""phase":"Running""#, "1", "1", 1),
    ])
    func whileItChangesTheLargerOneCounts(
        wanted: String, more: String, allocated: String, actual: String, expected: Double
    ) throws {
        let status = #"{"containerStatuses":[\#(Self.status(allocated, actual))],\#(more)}"#
        #expect(try request(Self.containers(Self.container("a", wanted)), status: status) == expected)
    }

    @Test func aPodsOwnRequestChangesToo() throws {
        let spec = Self.containers(Self.container("a", "1")) + #","resources":{"requests":{"cpu":"4"}}"#
        let status = #"{"allocatedResources":{"cpu":"2"},"resources":{"requests":{"cpu":"2"}}"#
        #expect(try request(spec, status: status + "}") == 4)
        #expect(try request(spec, status: status + #","resize":"Infeasible"}"#) == 2)
    }

    @Test func whatCannotBeReadIsNotRequested() throws {
        for value in ["null", #""""#, #""x""#, #""1e3m""#] {
            let spec = #""containers":[{"name":"a","resources":{"requests":{"cpu":\#(value),"memory":"1Ki"}}}]"#
            #expect(try request(spec) == nil)
            #expect(try request(spec, "memory") == 1024)
        }
        #expect(try request(#""containers":[{"resources":{"requests":null}},{"resources":null},{}]"#) == nil)
        #expect(try request(#""containers":null,"initContainers":null,"overhead":null"#) == nil)
    }
}
