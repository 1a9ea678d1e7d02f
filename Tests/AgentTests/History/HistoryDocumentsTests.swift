import History
import Hummingbird
import NIOCore
import Querying
import TestSupport
import Testing

@testable import Agent

@Suite struct HistoryDocumentsTests {
    private let directory: TemporaryDirectory
    private let documents: HistoryDocuments

    init() throws {
        directory = try TemporaryDirectory()
        let path = directory.path + "/history.db"
        documents = try HistoryDocuments(path: path, node: "n1")
        let store = try HistoryStore(HistorySettings(path: path))
        for minute in 0..<Int64(40) {
            var usage: [HistoryWorkload: HistoryUsage] = [:]
            for number in 0..<400 {
                var workload = HistoryWorkload(kind: "unit")
                workload.path = "/\(minute)-\(number).service"
                usage[workload] = HistoryUsage(zones: 1)
                usage[workload]?.energy[0].dynamic = 10
            }
            let period = HistoryPeriod(
                start: 7200 + minute * 60, seconds: 60,
                zones: [HistoryZone(name: "z", source: "rapl", quality: "measured")],
                factors: HistoryFactors(gramsPerKilowattHour: 1, pue: 1, source: "t"), usage: usage)
            try store.append(HistoryRecorder.Minute(period: period, mark: nil))
        }
    }

    private func ask(until: Int64 = 7260) async -> Response {
        await documents.answer(
            HistoryQuery(since: 7200, until: until),
            to: Request(
                head: .init(method: .get, scheme: nil, authority: nil, path: "/api/v1/history"),
                body: RequestBody(buffer: ByteBuffer())))
    }

    private struct Reader: ResponseBodyWriter {
        mutating func write(_ buffer: ByteBuffer) async throws {}
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    /// An answer takes memory until it has been sent.
    @Test func soManyAnswersAreUnderWayAtATime() async throws {
        var answers: [Response] = []
        for _ in 0..<HistoryDocuments.mostQuestions { answers.append(await ask()) }
        #expect(answers.allSatisfy { $0.status == .ok })
        let refused = await ask()
        #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "1")
        try await answers[0].body.write(Reader())
        #expect(await ask().status == .serviceUnavailable, "it is still held")
        answers.removeFirst()
        #expect(await ask().status == .ok)
        // A client that went away before it took anything.
        answers = []
        for _ in 0..<HistoryDocuments.mostQuestions { answers.append(await ask()) }
        #expect(answers.allSatisfy { $0.status == .ok })
    }

    @Test func anAnswerThatIsTooLargeIsRefused() async {
        #expect(await ask(until: 99_999).status == .unprocessableContent)
        #expect(await ask().status == .ok)
    }

    @Test func theEndOfTheAgentEndsQuestions() async {
        documents.end()
        let answer = await ask()
        #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "10")
    }
}
