import sys; sys.path.insert(0,'/tmp/h')
import importlib.util, json, pytest
spec=importlib.util.spec_from_file_location('dbg','/tmp/h/undo.dbg.py'); dbg=importlib.util.module_from_spec(spec); spec.loader.exec_module(dbg)
from tests.journal.test_docs import *
from workspace_mcp.journal.inverses import WAYS
@pytest.mark.anyio
@pytest.mark.parametrize("edit",[{"after": "Fees", "new": "See **below**.\n\n1. one\n2. two"},{"section": "Fees", "new": "Nothing is paid."},{"new": "The end.\n\n- of\n- it"}])
async def test_x(model,docs,backend,edit):
    doc=await contract(model,docs)
    b=state(doc)
    await model.call("docs_edit",doc=doc.id,edits=[edit])
    c=state(doc)
    orig=docs.update
    seen=[]
    FakeDocs.update_=FakeDocs.update
    def upd(self,doc,body):
        seen.append(body); return FakeDocs.update_(self,doc,body)
    FakeDocs.update=upd
    for n,want in enumerate((b,c)):
        await model.call("workspace_undo", id=await latest(model))
        print("=====",n, state(doc)==want)
        if state(doc)!=want:
            dbg.diff(want,state(doc))
            for r in seen[-1]["requests"]: print(json.dumps(r)[:300])
            break
    FakeDocs.update=FakeDocs.update_
