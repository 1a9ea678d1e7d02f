internal import Diagnostics
internal import Formatting
internal import History
internal import Querying
internal import Snapshot

/// `/api/v1/openapi.json`: made from the list of routes, the parameters that are parsed and the types that are written, so
/// that it says what the agent does.
enum OpenAPI {
    /// Made when it is first asked for.
    static let document = Result<String, any Error> {
        String(decoding: try ByteSink.collect { try JSONStream.write(json(), to: $0) }, as: UTF8.self) + "\n"
    }

    static func json() throws -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "energyd", "version": "1",
                "summary": "Energy and CO2 of a node's workloads.",
                "description": .text(
                    "Every answer is made from the last snapshot; reading has no side effect. Fields may be added; a "
                        + "change of meaning raises schemaVersion and the version in the path."),
            ],
            "paths": .object(Endpoint.allCases.map { ($0.rawValue, ["get": operation($0)]) }),
            "components": ["schemas": .object(try components())],
        ]
    }

    private static func components() throws -> [(String, JSONValue)] {
        var components = Components()
        for type in [Snapshot.self, StatusDocument.self, Problem.self, HistoryAnswer.self] as [any Decodable.Type] {
            _ = try components.schema(of: type)
        }
        let workload = try SchemaRecorder.fields(of: Snapshot.Workload.self)
        let computed = SchemaRecorder.Field(
            name: WorkloadField.energyMicrojoules.rawValue, type: UInt64.self, isRequired: false)
        // Which fields it has is the client's choice.
        try components.add("SelectedWorkload", workload + [computed], isPartial: true)
        try components.add("WorkloadAnswer", SchemaRecorder.fields(of: WorkloadAnswerHead.self)) { properties in
            properties.append(
                ("workloads", ["type": "array", "items": Components.reference("SelectedWorkload")]))
        }
        return components.schemas
    }
}
