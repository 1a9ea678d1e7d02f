import Querying
import Testing

@Suite struct WorkloadQueryTests {
    private func query(_ text: String) throws -> WorkloadQuery { try WorkloadQuery(QueryString(text)) }

    @Test func parametersAreRead() throws {
        let query = try query("level=pod,container&sort=-power&limit=10&filter=namespace%3Dshop&fields=name,id,name")
        #expect(query.levels == ["pod", "container"])
        #expect(query.order == WorkloadOrder(.power, isDescending: true))
        #expect(query.limit == 10)
        #expect(query.filter == WorkloadFilter([.init(.label("k8s.namespace.name"), .equal, "shop")]))
        #expect(query.fields == [.id, .name])
        #expect(try self.query("") == WorkloadQuery())
        #expect(WorkloadQuery().order == WorkloadOrder(.energy, isDescending: true))
    }

    /// So that they share an answer.
    @Test func theSameAskedDifferentlyIsEqual() throws {
        #expect(try query("fields=id,name&level=pod,vm") == query("level=vm,pod&fields=name,id"))
    }

    @Test(arguments: [
        ("color=red", "color"), ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=+1", "limit"), ("limit=", "limit"),
        ("limit=100001", "limit"), ("limit=99999999999999999999", "limit"), ("sort=size", "sort"),
        ("sort=--cpu", "sort"),
        ("level=planet", "level"), ("level=", "level"), ("level=pod,", "level"), ("fields=secret", "fields"),
        ("fields=", "fields"), ("filter=x", "filter"), ("limit=1&limit=1", "limit"),
    ]) func whatIsWrongIsNamed(_ text: String, _ parameter: String) {
        #expect { try query(text) } throws: {
            let problem = $0 as? QueryProblem
            return problem?.parameter == parameter && problem?.cause.isEmpty == false
                && problem?.remedy.isEmpty == false
        }
    }
}
