internal import Formatting
internal import Hummingbird
internal import Linux
internal import NIOCore
internal import Querying
internal import Snapshot

/// `POST /api/v1/runs?process=PID`: a cgroup for a child of the client. Only at the socket, where the kernel says who asks.
struct RunRoute {
    static let path = "/api/v1/runs"

    let cgroups: RunCgroups

    /// What was made: as the snapshot names it.
    private struct Answer: Encodable {
        var cgroupPath: String
        var cgroupId: UInt64
    }

    func answer(_ request: Request, _ context: AgentContext) async -> Response {
        let path = request.uri.path
        do {
            let process = try Self.process(request.uri.query ?? "")
            guard let peer = await PeerCredentials(of: context.channel) else {
                throw Problem(
                    .forbidden, cause: "who asks is not known here", remedy: "ask at the agent's socket")
            }
            let cgroup = try await cgroups.make(for: process, of: peer)
            let answer = Answer(cgroupPath: cgroup.place.path, cgroupId: cgroup.id & ~CgroupTree.legacyBit)
            let bytes = try ByteSink.collect { try JSONStream.write(answer, to: $0) }
            return Response(
                status: .created, headers: [.contentType: MediaType.json, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        } catch let problem as Problem {
            return problem.response(to: path)
        } catch {
            return Documents.failure(error, path)
        }
    }

    /// The one parameter.
    static func process(_ query: String) throws(Problem) -> Int32 {
        let parameters: [(name: String, value: String)]
        do throws(QueryProblem) {
            parameters = try QueryString(query).parameters
        } catch {
            throw Problem(.badRequest, cause: error.cause, remedy: error.remedy, parameter: error.parameter)
        }
        guard parameters.count == 1, parameters[0].name == "process", let process = Int32(parameters[0].value),
            process > 0
        else {
            throw Problem(
                .badRequest, cause: "the request does not name a process", remedy: "send process=PID, and no more")
        }
        return process
    }
}
