internal import Querying

extension OpenAPI {
    /// What is described of a route.
    static func operation(_ endpoint: Endpoint) -> JSONValue {
        var responses: [(String, JSONValue)] = [("200", success(endpoint))]
        switch endpoint {
        case .index: break
        case .description: responses.append(("500", problem("The description could not be made.")))
        case .health: responses.append(("503", answer("Sampling has stopped.", [MediaType.text: text])))
        case .ready: responses.append(("503", answer("No fresh sample.", [MediaType.text: text])))
        case .metrics:
            responses += [("304", unchanged), ("503", answer("No sample yet.", [MediaType.text: text]))]
        case .history:
            responses += [
                ("400", problem("A parameter is wrong; the answer names it.")),
                ("404", problem("This agent keeps no history.")),
                ("422", problem("The answer would be too large: ask for a shorter span or for fewer boundaries.")),
                (
                    "503",
                    problem("Too many questions at a time, one that takes too long, or the history cannot be read.")
                ),
            ]
        case .snapshot, .workloads, .status, .stream:
            if endpoint != .stream { responses.append(("304", unchanged)) }
            if takesQuery(endpoint) { responses.append(("400", problem("A parameter is wrong; the answer names it."))) }
            let reason =
                switch endpoint {
                case .workloads: "No sample yet, or too many queries wait for their answers."
                case .stream: "Too many streams, or different queries of them."
                default: "No sample yet."
                }
            responses.append(("503", problem(reason)))
        }
        if !AccessCheck.open.contains(endpoint) { responses += refusals(endpoint) }
        if endpoint.onlyType != nil { responses.append(("406", problem("`Accept` excludes the only form."))) }
        var fields: [(String, JSONValue)] = [
            ("operationId", .text("\(endpoint)")), ("summary", .text(endpoint.summary)),
        ]
        if takesQuery(endpoint) {
            fields.append(("parameters", .list(WorkloadQuery.Parameter.allCases.map(parameter))))
        }
        if endpoint == .history { fields.append(("parameters", .list(HistoryQuery.Parameter.allCases.map(parameter)))) }
        return .object(fields + [("responses", .object(responses))])
    }

    /// Of readers that the agent does not let read, where it asks who they are.
    private static func refusals(_ endpoint: Endpoint) -> [(String, JSONValue)] {
        let isProgram = endpoint.rawValue.hasPrefix("/api/")
        func refusal(_ words: String) -> JSONValue {
            isProgram ? problem(words) : answer(words, [MediaType.text: text])
        }
        let queries = endpoint == .workloads ? " Or too many different queries of a snapshot." : ""
        return [
            ("401", refusal("No password or token, or a wrong one.")),
            ("403", refusal("Kubernetes does not allow it, or the name in `Host` is not the agent's.")),
            ("429", refusal("Too many wrong passwords or tokens." + queries)),
        ]
    }

    static func takesQuery(_ endpoint: Endpoint) -> Bool { endpoint == .workloads || endpoint == .stream }

    private static func success(_ endpoint: Endpoint) -> JSONValue {
        switch endpoint {
        case .index: answer("A page.", [MediaType.html: text])
        case .health, .ready: answer("As it should be.", [MediaType.text: text])
        case .metrics: answer("Metrics.", [MediaType.text: text, "application/openmetrics-text": text])
        case .description: answer("This document.", [MediaType.json: ["type": "object"]])
        case .snapshot: answer("The last snapshot.", [MediaType.json: Components.reference("Snapshot")])
        case .workloads: answer("The workloads that match.", [MediaType.json: Components.reference("WorkloadAnswer")])
        case .history: answer("What was used.", [MediaType.json: Components.reference("HistoryAnswer")])
        case .status: answer("How the agent is.", [MediaType.json: Components.reference("StatusDocument")])
        case .stream: answer("Events `snapshot` or, with parameters, `workloads`; `skipped`.", [MediaType.events: text])
        }
    }

    /// - Parameter content: schemas by media type, which are written without their parameters.
    private static func answer(_ description: String, _ content: KeyValuePairs<String, JSONValue>) -> JSONValue {
        let types = content.map { type, schema in
            (String(type.prefix { $0 != ";" }), ["schema": schema] as JSONValue)
        }
        return ["description": .text(description), "content": .object(types)]
    }

    private static func problem(_ description: String) -> JSONValue {
        answer(description, [Problem.mediaType: Components.reference("Problem")])
    }

    private static var unchanged: JSONValue { ["description": "The client has it: `If-None-Match`."] }
    private static var text: JSONValue { ["type": "string"] }

    private static func parameter(_ parameter: WorkloadQuery.Parameter) -> JSONValue {
        let (description, schema): (String, JSONValue) =
            switch parameter {
            case .level: ("Kinds of workloads; all without it.", list(WorkloadQuery.kinds))
            case .sort:
                (
                    "Smallest first, with a minus sign largest first; unknown values last. Without it `-energy`.",
                    ["type": "string", "enum": .list(WorkloadOrder.words.map { .text($0) })]
                )
            case .limit:
                (
                    "At most so many; all without it.",
                    ["type": "integer", "minimum": 1, "maximum": .number(WorkloadQuery.largestLimit)]
                )
            case .filter:
                (
                    "Conditions that all hold, separated by commas: KEY=VALUE, KEY!=VALUE, KEY~PART, KEY!~PART; see docs/api.md.",
                    [
                        "type": "string", "maxLength": .number(WorkloadFilter.longest),
                        "pattern": .text(WorkloadFilter.pattern), "examples": ["namespace=shop,name~web"],
                    ]
                )
            case .fields: ("Fields of a workload; all without it.", list(WorkloadField.allCases.map(\.rawValue)))
            }
        return described(parameter.rawValue, description, schema)
    }

    private static func parameter(_ parameter: HistoryQuery.Parameter) -> JSONValue {
        let time: JSONValue = ["type": "integer", "minimum": 0, "maximum": .number(Int(HistoryQuery.latest))]
        return switch parameter {
        case .since: described("since", "The first second, as Unix time. Without it a day before the end.", time)
        case .until: described("until", "The first second that is not part of it, as Unix time. Without it now.", time)
        case .boundaries:
            described(
                "boundaries", "Where steps of the answer begin, as Unix times. Without it only sums.",
                ["type": "array", "minItems": 1, "maxItems": .number(HistoryQuery.mostBoundaries), "items": time])
        }
    }

    private static func described(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        [
            "name": .text(name), "in": "query", "description": .text(description), "schema": schema,
            "style": "form", "explode": false,
        ]
    }

    private static func list(_ words: [String]) -> JSONValue {
        [
            "type": "array", "minItems": 1, "maxItems": .number(words.count),
            "items": ["type": "string", "enum": .list(words.map { .text($0) })],
        ]
    }
}
