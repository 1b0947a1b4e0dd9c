"""Code for FLG303 to FLG308, as real code is written: a line that ends in `#>` is where the rule has to fire.

`is_on` asks for a flag, `ask` is another function that does; `setting` reads one that never changes. The flags are
`a-b`, `c-d` and `kill`, which is a kill switch; `c-d` needs `needed`.
"""

from __future__ import annotations

IMPORT_TIME = {
    "a constant": """
        NEW = is_on("a-b")  #>
        """,
    "a condition": """
        if is_on("a-b"):  #>
            from shop import new as view
        else:
            from shop import old as view
        """,
    "a class body": """
        class Page:
            template = "new.html" if is_on("a-b") else "old.html"  #>
        """,
    "a default argument": """
        def page(is_new=is_on("a-b")):  #>
            return is_new
        """,
    "a default argument of a method": """
        class Page:
            def get(self, *, is_new=is_on("a-b")):  #>
                return is_new
        """,
    "the argument of a decorator": """
        @unittest.skipIf(is_on("a-b"), "old")  #>
        def page():
            pass
        """,
    "a list of urls": """
        urlpatterns = [path("cart", cart)]
        if is_on("a-b"):  #>
            urlpatterns += [path("checkout", checkout)]
        """,
    "a comprehension": """
        VIEWS = [view for view in ALL if is_on("a-b")]  #>
        """,
    "tried": """
        try:
            NEW = is_on("a-b")  #>
        except ImportError:
            NEW = False
        """,
    "a table": """
        HANDLERS = {"cart": new_cart if is_on("a-b") else old_cart}  #>
        """,
    "with a context": """
        with app.app_context():
            NEW = is_on("a-b")  #>
        """,
    "a walrus": """
        if (new := is_on("a-b")):  #>
            pass
        """,
    "a helper": """
        def new_checkout():
            return is_on("a-b")

        NEW = new_checkout()  #>
        """,
    "a flag object": """
        from edx_toggles.toggles import WaffleFlag
        NEW = WaffleFlag("a-b", __name__)
        OLD = NEW.is_enabled()  #>
        def page(course, courses):
            if NEW.is_enabled():
                a()
            for c in courses:
                if NEW.is_enabled():
                    b()
        """,
    "a router": """
        app = FastAPI()
        if is_on("a-b"):  #>
            app.include_router(beta.router)
        """,
    "a parameter of a framework": """
        @app.get("/")
        async def page(limit: int = Query(100 if is_on("a-b") else 10)):  #>
            return limit
        """,
    "a field of a dataclass": """
        @dataclass
        class Config:
            new: bool = is_on("a-b")  #>
            newer: bool = field(default_factory=lambda: is_on("c-d"))
        """,
    "the argument of a decorator, a ternary": """
        @retry(attempts=3 if is_on("a-b") else 1)  #>
        def page():
            pass
        """,
    "an enumeration": """
        class Kind(Enum):
            NEW = "new"
            if is_on("a-b"):  #>
                BETA = "beta"
        """,
    "a field of a form": """
        class F(Form):
            gift = BooleanField(required=is_on("a-b"))  #>
            def __init__(self, *a, **k):
                super().__init__(*a, **k)
                if not is_on("a-b"):
                    del self.fields["gift"]
        """,
    # --- and what it has to leave alone
    "a function": """
        def page():
            return is_on("a-b")
        """,
    "a method": """
        class Page:
            def get(self):
                return is_on("a-b")
        """,
    "a property": """
        class Page:
            @property
            def is_new(self):
                return is_on("a-b")
        """,
    "a lambda": """
        is_new = lambda: is_on("a-b")
        """,
    "a lambda as a default": """
        def page(is_new=lambda: is_on("a-b")):
            return is_new()
        """,
    "a table of lambdas": """
        CHECKS = {"new": lambda user: is_on("a-b", user), "old": lambda user: True}
        """,
    "a lazy object": """
        NEW = SimpleLazyObject(lambda: is_on("a-b"))
        """,
    "a function in a class in a function": """
        def make():
            class Page:
                is_new = is_on("a-b")
            return Page
        """,
    "a default of a function in a function": """
        def make():
            def page(is_new=is_on("a-b")):
                return is_new
            return page
        """,
    "the main guard": """
        if __name__ == "__main__":
            print(is_on("a-b"))
        """,
    "a script": """
        #!/usr/bin/env python
        print(is_on("a-b"))
        """,
    "an asynchronous function": """
        async def page():
            return await is_on("a-b")
        """,
    "a setting": """
        NEW = setting("a-b")
        """,
    "an environment variable": """
        NEW = os.environ.get("a-b")
        """,
    "the function is handed on": """
        register(partial(is_on, "a-b"), page)

        def later():
            return is_on("a-b")
        """,
    "a decorated view": """
        @app.route("/")
        @cache
        def page():
            return render("new.html" if is_on("a-b") else "old.html")
        """,
    "a nested function": """
        def outer():
            def inner():
                return is_on("a-b")
            return inner
        """,
    "a thread": """
        class Worker(Thread):
            interval = 3

            def run(self):
                while is_on("a-b"):
                    work()
        """,
    "a string": """
        KEY = "a-b"

        def page():
            return is_on(KEY)
        """,
    "only typing": """
        if TYPE_CHECKING:
            from flags import is_on

        def page():
            return is_on("a-b")
        """,
    "a model with a callable default": """
        class Order(Model):
            is_new = BooleanField(default=lambda: is_on("a-b"))
        """,
    "a scheduled task": """
        @shared_task
        def clean():
            if not is_on("a-b"):
                return
            work()
        """,
    "fastapi depends": """
        async def new_checkout(user: User = Depends(current_user)) -> bool:
            return is_on("a-b", user)

        @app.get("/")
        async def page(is_new: bool = Depends(new_checkout)):
            return {"new": is_new}
        """,
    "app factory": """
        def create_app():
            app = Flask(__name__)
            if is_on("a-b"):
                app.register_blueprint(beta)
            return app
        """,
    "django appconfig ready": """
        class ShopConfig(AppConfig):
            def ready(self):
                if is_on("a-b"):
                    import shop.signals
        """,
    "celery beat": """
        @app.on_after_configure.connect
        def setup(sender, **kwargs):
            if is_on("a-b"):
                sender.add_periodic_task(10.0, clean.s())
        """,
    "module function called": """
        def setup():
            if is_on("a-b"):
                register()
        setup()
        """,
    "decorator arg callable": """
        @require(lambda: is_on("a-b"))
        def page():
            pass
        """,
    "cached property": """
        class Page:
            @cached_property
            def is_new(self):
                return is_on("a-b", self.user)

            def get(self):
                if self.is_new:
                    a()
                if self.is_new:
                    b()
        """,
}

REPEATED = {
    "one after the other": """
        def page(user):
            a = is_on("a-b", user)
            b = is_on("a-b", user)  #>
            return a, b
        """,
    "two ifs": """
        def encode(video):
            if is_on("a-b"):
                encode_it(video)
            make_thumbnail(video)
            if is_on("a-b"):  #>
                move(video)
        """,
    "turned round": """
        def page(user):
            if is_on("a-b", user):
                new()
            if not is_on("a-b", user):  #>
                old()
        """,
    "in the branch": """
        def page(user):
            if is_on("a-b", user):
                return is_on("a-b", user)  #>
            return None
        """,
    "elif": """
        def page(user):
            if is_on("a-b", user) and user.is_new:
                return 1
            elif is_on("a-b", user):  #>
                return 2
            return 3
        """,
    "behind an exit": """
        def page(user):
            if not is_on("a-b", user):
                return "old"
            log("new", is_on("a-b", user))  #>
            return "new"
        """,
    "one expression": """
        def page(user):
            return (new if is_on("a-b", user) else old)(1 if is_on("a-b", user) else 2)  #>
        """,
    "other fallbacks": """
        def page(user):
            x = is_on("a-b", user, default=False)
            return x or is_on("a-b", user, default=True)  #>
        """,
    "key by a constant": """
        KEY = "a-b"

        def page(user):
            x = is_on(KEY, user)
            return x, is_on("a-b", user)  #>
        """,
    "in one turn of a loop": """
        def page(users):
            for user in users:
                if is_on("a-b", user):
                    new(user)
                if is_on("a-b", user):  #>
                    more(user)
        """,
    "with": """
        def page(user):
            with lock:
                x = is_on("a-b", user)
            return x, is_on("a-b", user)  #>
        """,
    "a method": """
        class Page:
            def get(self):
                if is_on("a-b", self.user):
                    self.new()
                return render("new" if is_on("a-b", self.user) else "old")  #>
        """,
    "asynchronous": """
        async def page(user):
            x = await is_on("a-b", user)
            return x, await is_on("a-b", user)  #>
        """,
    "after a try": """
        def page(user):
            try:
                x = is_on("a-b", user)
            finally:
                close()
            return is_on("a-b", user)  #>
        """,
    "three": """
        def page(user):
            is_on("a-b", user)
            is_on("a-b", user)  #>
            is_on("a-b", user)  #>
        """,
    "a client is told something in between": """
        import posthog
        def page(user):
            if posthog.feature_enabled("a-b", user.id):
                new()
            posthog.capture(user.id, "seen")
            if posthog.feature_enabled("a-b", user.id):  #>
                more()
        """,
    "behind a loop that was left": """
        def page(user, items):
            while True:
                x = is_on("a-b", user)
                break
            return x, is_on("a-b", user)  #>
        """,
    "in a finally": """
        def page(user):
            try:
                if is_on("a-b", user):
                    begin()
                work()
            finally:
                if is_on("a-b", user):  #>
                    end()
        """,
    "in a finally behind a return": """
        def page(user):
            try:
                if is_on("a-b", user):
                    begin()
                return work()
            finally:
                if is_on("a-b", user):  #>
                    end()
        """,
    "in a handler": """
        def page(user):
            x = is_on("a-b", user)
            try:
                work(x)
            except Exception:
                if is_on("a-b", user):  #>
                    report()
        """,
    "a helper": """
        def new_checkout(user):
            return is_on("a-b", user)

        def page(user):
            if new_checkout(user):
                a()
            if new_checkout(user):  #>
                b()
        """,
    "in one assignment": """
        def page(user):
            a, b = is_on("a-b", user), is_on("a-b", user)  #>
            return a, b
        """,
    "either of two conditions": """
        def page(user):
            return (user.beta and is_on("a-b", user)) or (user.staff and is_on("a-b", user))  #>
        """,
    "something else is awaited": """
        async def run(u):
            x = is_on("a-b", u)
            await sync_to_async(save)(u)
            return x, is_on("a-b", u)  #>
        """,
    "an asynchronous with": """
        async def run(user):
            async with session() as s:
                if await is_on("a-b", user):
                    await s.go()
                if await is_on("a-b", user):  #>
                    await s.more()
        """,
    "two evaluations of a gate": """
        from statsig import statsig
        def page(user):
            if statsig.check_gate(user, "a-b"):
                a()
            if statsig.check_gate(user, "a-b"):  #>
                b()
            return statsig.check_gate(user, "kill")
        """,
    "behind an or": """
        def page(user):
            if user.beta or is_on("a-b", user):
                return 1
            return 2 if is_on("a-b", user) else 3  #>
        """,
    "a function in a function": """
        def outer(user):
            def inner():
                if is_on("a-b", user):
                    a()
                if is_on("a-b", user):  #>
                    b()
            return inner
        """,
    # --- and what it has to leave alone
    "kept in a variable": """
        def page(user):
            is_new = is_on("a-b", user)
            a = 1 if is_new else 2
            return a, is_new
        """,
    "two branches": """
        def page(user):
            if user.is_staff:
                return is_on("a-b", user)
            else:
                return not is_on("a-b", user)
        """,
    "elif chain": """
        def page(kind, user):
            if kind == "cart":
                return is_on("a-b", user)
            elif kind == "checkout":
                return is_on("a-b", user)
        """,
    "behind a return": """
        def page(user):
            if user.is_staff:
                return is_on("a-b", user)
            return is_on("a-b", user)
        """,
    "behind a raise": """
        def page(user):
            if user is None:
                x = is_on("a-b", user)
                raise Forbidden(x)
            return is_on("a-b", user)
        """,
    "match": """
        def page(kind, user):
            match kind:
                case "cart":
                    return is_on("a-b", user)
                case _:
                    return is_on("a-b", user)
        """,
    "other users": """
        def page(sender, receiver):
            return is_on("a-b", sender) and is_on("a-b", receiver)
        """,
    "the user is another one": """
        def page(user):
            x = is_on("a-b", user)
            user = user.parent
            return x, is_on("a-b", user)
        """,
    "the context is changed": """
        def page(context):
            x = is_on("a-b", context)
            context["user"] = None
            return x, is_on("a-b", context)
        """,
    "an attribute is changed": """
        def page(request):
            x = is_on("a-b", request.user)
            request.user = login(request)
            return x, is_on("a-b", request.user)
        """,
    "other flags": """
        def page(user):
            return is_on("a-b", user) and is_on("c-d", user)
        """,
    "a function inside": """
        def page(user):
            def later():
                return is_on("a-b", user)
            return is_on("a-b", user), later
        """,
    "a lambda": """
        def page(user):
            x = is_on("a-b", user)
            return x, lambda: is_on("a-b", user)
        """,
    "two methods": """
        class Page:
            def get(self):
                return is_on("a-b")

            def post(self):
                return is_on("a-b")
        """,
    "exclusive conditions": """
        def page(user):
            if user.is_staff:
                x = is_on("a-b", user)
            if not user.is_staff:
                x = is_on("a-b", user)
            return x
        """,
    "other values of one thing": """
        def page(kind):
            if kind == "cart":
                x = is_on("a-b")
            if kind == "checkout":
                x = is_on("a-b")
            return x
        """,
    "retried": """
        def page(user):
            try:
                return is_on("a-b", user)
            except Timeout:
                return is_on("a-b", user)
        """,
    "waits for it": """
        def wait():
            while not is_on("a-b"):
                sleep(1)
        """,
    "before and after a wait": """
        def page():
            x = is_on("a-b")
            sleep(60)
            return x, is_on("a-b")
        """,
    "refreshed": """
        def page(client):
            x = is_on("a-b")
            client.refresh()
            return x, is_on("a-b")
        """,
    "another tenant each time": """
        def page():
            x = is_on("a-b", uuid4())
            return x, is_on("a-b", uuid4())
        """,
    "a setting": """
        def page():
            return setting("a-b"), setting("a-b")
        """,
    "other receivers": """
        def page(left, right):
            return left.is_on("a-b"), right.is_on("a-b")
        """,
    "the two sides of a ternary": """
        def page(user, x):
            return is_on("a-b", user) if x else not is_on("a-b", user)
        """,
    "two comprehensions": """
        def split(users, others):
            a = [u for u in users if is_on("a-b", u)]
            b = [u for u in others if is_on("a-b", u)]
            return a, b
        """,
    "comp then for": """
        def split(users):
            a = [u for u in users if is_on("a-b", u)]
            for u in a:
                if not is_on("a-b", u):
                    drop(u)
            return a
        """,
    "lazy fill": """
        def page(user, fast):
            answer = None
            if fast:
                answer = is_on("a-b", user)
            if answer is None:
                answer = is_on("a-b", user)
            return answer
        """,
    "not in": """
        def page(kind, user):
            if kind in NEW:
                x = is_on("a-b", user)
            if kind not in NEW:
                x = is_on("a-b", user)
            return x
        """,
    "less and more": """
        def page(n, user):
            if n < 3:
                x = is_on("a-b", user)
            if n >= 3:
                x = not is_on("a-b", user)
            return x
        """,
    "double checked lock": """
        def rebuild():
            if not is_on("a-b"):
                return
            with lock:
                if not is_on("a-b"):
                    return
                build()
        """,
    "two contexts": """
        def both(a, b):
            with schema_context(a):
                x = is_on("a-b")
            with schema_context(b):
                y = is_on("a-b")
            return x, y
        """,
    "context manager yield": """
        @contextmanager
        def traced():
            if is_on("a-b"):
                begin()
            yield
            if is_on("a-b"):
                end()
        """,
    "posthog payload": """
        import posthog
        def page(user):
            if posthog.feature_enabled("a-b", user.id):
                return posthog.get_feature_flag_payload("a-b", user.id)
        """,
    "lru cached helper": """
        @lru_cache
        def new_checkout():
            return is_on("a-b")

        def page(items):
            if new_checkout():
                a()
            if new_checkout():
                b()
            for item in items:
                if new_checkout():
                    c(item)
        """,
    "cached property": """
        class Page:
            @cached_property
            def is_new(self):
                return is_on("a-b", self.user)

            def get(self):
                if self.is_new:
                    a()
                if self.is_new:
                    b()
        """,
    "import rebinding": """
        def page():
            from shop import user
            x = is_on("a-b", user)
            from shop.admin import user
            return x, is_on("a-b", user)
        """,
    "except as": """
        def page(e):
            x = is_on("a-b", e)
            try:
                go()
            except Exception as e:
                x = is_on("a-b", e)
            return x
        """,
    "match star and rest": """
        def page(user, ev):
            x = is_on("a-b", user)
            match ev:
                case [_, *user]:
                    return is_on("a-b", user)
                case {"k": 1, **user}:
                    return is_on("a-b", user)
            return x
        """,
    "match capture": """
        def page(user, ev):
            x = is_on("a-b", user)
            match ev:
                case Login(user=user):
                    return is_on("a-b", user)
            return x
        """,
    "nonlocal": """
        def page(user):
            x = is_on("a-b", user)
            def switch():
                nonlocal user
                user = user.parent
            switch()
            return x, is_on("a-b", user)
        """,
    "walrus rebinds": """
        def page(user):
            x = is_on("a-b", user)
            if (user := user.parent):
                return x, is_on("a-b", user)
        """,
    "with rebinds": """
        def page(user):
            x = is_on("a-b", user)
            with login() as user:
                return x, is_on("a-b", user)
        """,
    "while enabled var": """
        def run():
            enabled = is_on("a-b")
            while enabled:
                step()
                enabled = is_on("a-b")
        """,
    "short circuit twice": """
        def page(user):
            return (user.beta and is_on("a-b", user)) or (not user.beta and is_on("a-b", user))
        """,
    "ternaries exclusive": """
        def page(user):
            a = is_on("a-b", user) if user.beta else False
            b = False if user.beta else is_on("a-b", user)
            return a, b
        """,
    "isinstance exclusive": """
        def page(user):
            if isinstance(user, Staff):
                a = is_on("a-b", user)
            if not isinstance(user, Staff):
                a = is_on("a-b", user)
            return a
        """,
    "match then if on same": """
        def page(kind, user):
            match kind:
                case "cart":
                    x = is_on("a-b", user)
                case "list":
                    x = None
            if kind == "list":
                x = is_on("a-b", user)
            return x
        """,
    "toggle between": """
        def flip():
            before = is_on("a-b")
            admin.toggle("a-b")
            return before, is_on("a-b")
        """,
    "openfeature ctx set": """
        from openfeature import api
        def page(a, b):
            client = api.get_client()
            client.context = a
            x = client.get_boolean_value("a-b", False)
            client.context = b
            return x, client.get_boolean_value("a-b", False)
        """,
    "yield fixture": """
        @contextmanager
        def span(user):
            began = is_on("a-b", user)
            try:
                yield began
            finally:
                if is_on("a-b", user):
                    end()
        """,
    "flask view": """
        @bp.route("/checkout", methods=["GET", "POST"])
        def checkout():
            if request.method == "POST":
                if is_on("a-b", g.user):
                    return new_post()
                return old_post()
            return render_template("new.html" if is_on("a-b", g.user) else "old.html")
        """,
    "cbv dispatch": """
        class View(TemplateView):
            def dispatch(self, request, *args, **kwargs):
                if not is_on("a-b", request.user):
                    raise Http404
                return super().dispatch(request, *args, **kwargs)
            def get_context_data(self, **kwargs):
                return super().get_context_data(is_new=is_on("a-b", self.request.user), **kwargs)
        """,
    "match guard": """
        def page(kind, user):
            match kind:
                case "cart" if is_on("a-b", user):
                    return 1
                case "cart":
                    return 2
            return 3
        """,
}

IN_LOOP = {
    "for": """
        def total(items):
            for item in items:
                if is_on("a-b"):  #>
                    add(item)
        """,
    "with a user": """
        def total(user, items):
            for item in items:
                add(item, is_on("a-b", user))  #>
        """,
    "while": """
        def pages(page):
            while page:
                if is_on("a-b"):  #>
                    show(page)
                page = page.next
        """,
    "a comprehension": """
        def total(items):
            return [item for item in items if is_on("a-b")]  #>
        """,
    "the element": """
        def total(items):
            return {item: is_on("a-b") for item in items}  #>
        """,
    "a generator": """
        def total(items):
            return sum(new(item) if is_on("a-b") else old(item) for item in items)  #>
        """,
    "the inner loop": """
        def total(users):
            for user in users:
                for item in user.items:
                    if is_on("a-b", user):  #>
                        add(item)
        """,
    "under a condition": """
        def total(items):
            for item in items:
                if item.is_new:
                    if is_on("a-b"):  #>
                        add(item)
        """,
    "tried": """
        def total(items):
            for item in items:
                try:
                    add(item, is_on("a-b"))  #>
                except ValueError:
                    continue
        """,
    "a range": """
        def total():
            for number in range(9):
                add(number, is_on("a-b"))  #>
        """,
    "goes on": """
        def total(items):
            for item in items:
                if not is_on("a-b"):  #>
                    continue
                add(item)
        """,
    "the client is told something": """
        import ldclient
        def page(ctx, items):
            client = ldclient.get()
            for item in items:
                client.track("seen", ctx)
                if client.variation("a-b", ctx, False):  #>
                    new(item)
        """,
    "a helper": """
        def new_checkout():
            return is_on("a-b")

        def page(items):
            for item in items:
                if new_checkout():  #>
                    b(item)
        """,
    "pages": """
        def fetch(url):
            while url:
                page = fetch_page(url)
                if is_on("a-b"):  #>
                    enrich(page)
                url = page.next
        """,
    "chunks": """
        @shared_task
        def notify_all(ids):
            for chunk in chunked(ids, 100):
                if is_on("a-b"):  #>
                    notify_v2.delay(chunk)
                else:
                    notify_v1.delay(chunk)
        """,
    "rows of a query": """
        def backfill():
            for order in Order.objects.filter(done=False).iterator():
                if is_on("a-b"):  #>
                    order.recompute()
                order.save()
        """,
    "an inner loop": """
        def page(users):
            for user in users:
                for cart in user.carts:
                    for line in cart.lines:
                        price(line, is_on("a-b", user))  #>
        """,
    "a handler": """
        def run(items):
            for item in items:
                try:
                    work(item)
                except Exception:
                    if is_on("a-b"):  #>
                        report(item)
        """,
    "a generator function": """
        def rows(items, user):
            for item in items:
                if is_on("a-b", user):  #>
                    yield new(item)
                else:
                    yield old(item)
        """,
    "a stack": """
        def run(todo):
            while todo:
                node = todo.pop()
                if is_on("a-b"):  #>
                    visit(node)
        """,
    "an index": """
        def run(items):
            i = 0
            while i < len(items):
                if is_on("a-b"):  #>
                    visit(items[i])
                i += 1
        """,
    "tried, with a finally": """
        def run(jobs):
            for job in jobs:
                try:
                    if is_on("a-b"):  #>
                        job.run()
                except Exception:
                    log.exception("x")
                    continue
                finally:
                    job.close()
        """,
    # --- and what it has to leave alone
    "before the loop": """
        def total(items):
            is_new = is_on("a-b")
            for item in items:
                add(item, is_new)
        """,
    "what is looped over": """
        def total(items):
            for item in (items if is_on("a-b") else ()):
                add(item)
        """,
    "the first iterable": """
        def total(items):
            return [item for item in (items if is_on("a-b") else ())]
        """,
    "each user": """
        def invite(users):
            for user in users:
                if is_on("a-b", user):
                    send(user)
        """,
    "each user's account": """
        def invite(users):
            return [user for user in users if is_on("a-b", user.account)]
        """,
    "what is made of the element": """
        def invite(users):
            for user in users:
                context = Context(user.id)
                send(user, is_on("a-b", context))
        """,
    "a context that is filled": """
        def invite(context, users):
            for user in users:
                context["user"] = user
                send(user, is_on("a-b", context))
        """,
    "unpacked": """
        def invite(pairs):
            for user, count in pairs:
                send(count, is_on("a-b", user))
        """,
    "for ever": """
        def work():
            while True:
                if is_on("a-b"):
                    do()
        """,
    "until it is switched": """
        def work():
            while is_on("a-b"):
                do()
        """,
    "until it is switched off, with more": """
        def work(queue):
            while queue and not is_on("a-b"):
                do(queue)
        """,
    "waits": """
        def work(job):
            while not job.done:
                if is_on("a-b"):
                    job.cancel()
                time.sleep(1)
        """,
    "leaves the loop": """
        def find(items):
            for item in items:
                if item.matches:
                    return item if is_on("a-b") else None
        """,
    "leaves the loop later": """
        def find(items):
            for item in items:
                if item.matches:
                    log(is_on("a-b"))
                    break
        """,
    "raises": """
        def find(items):
            for item in items:
                if item.is_bad:
                    raise Bad(is_on("a-b"))
        """,
    "a stream": """
        def work(consumer):
            for message in consumer:
                do(message, is_on("a-b"))
        """,
    "an asynchronous stream": """
        async def work(rows):
            async for row in rows:
                do(row, is_on("a-b"))
        """,
    "after the loop": """
        def total(items):
            for item in items:
                add(item)
            else:
                return is_on("a-b")
        """,
    "a function inside": """
        def make(items):
            for item in items:
                def later():
                    return is_on("a-b")
                register(item, later)
        """,
    "a lambda": """
        def make(items):
            for item in items:
                register(item, lambda: is_on("a-b"))
        """,
    "another one each time": """
        def draw(count):
            for _ in range(count):
                show(is_on("a-b", random()))
        """,
    "a setting": """
        def total(items):
            for item in items:
                if setting("a-b"):
                    add(item)
        """,
    "keys that are looped over": """
        def all_flags(user):
            return {key: is_on(key, user) for key in ("a-b", "c-d")}
        """,
    "poll for": """
        def wait_for_flag():
            for _ in range(30):
                if is_on("a-b"):
                    return True
                time.sleep(1)
            return False
        """,
    "retry with else": """
        def ask(user):
            for attempt in range(3):
                try:
                    answer = is_on("a-b", user)
                except Timeout:
                    log.warning("again")
                else:
                    return answer
            return False
        """,
    "retry break": """
        def ask(user):
            answer = False
            for attempt in range(3):
                try:
                    answer = is_on("a-b", user)
                    break
                except Timeout:
                    continue
            return answer
        """,
    "kill in batch": """
        def send_all(users):
            for user in users:
                if not is_on("a-b"):
                    break
                send(user)
        """,
    "kill in batch return": """
        def send_all(users):
            for user in users:
                if not is_on("a-b"):
                    log.info("stopped")
                    return
                send(user)
        """,
    "infinite iter": """
        def work(q):
            for job in iter(q.get, None):
                if is_on("a-b"):
                    job.run()
        """,
    "itertools count": """
        import itertools
        def work():
            for n in itertools.count():
                if is_on("a-b"):
                    step(n)
        """,
    "stdin": """
        import sys
        def work():
            for line in sys.stdin:
                if is_on("a-b"):
                    step(line)
        """,
    "tenant context": """
        def nightly(tenants):
            for tenant in tenants:
                with tenant_context(tenant):
                    if is_on("a-b"):
                        run(tenant)
        """,
    "set tenant": """
        def nightly(tenants):
            for tenant in tenants:
                connection.set_tenant(tenant)
                if is_on("a-b"):
                    run(tenant)
        """,
    "while running var": """
        def run():
            running = True
            while running:
                step()
                if not is_on("a-b"):
                    running = False
        """,
    "lru cached helper": """
        @lru_cache
        def new_checkout():
            return is_on("a-b")

        def page(items):
            if new_checkout():
                a()
            if new_checkout():
                b()
            for item in items:
                if new_checkout():
                    c(item)
        """,
    "enumerate zip": """
        def fetch(items, users):
            for i, (item, user) in enumerate(zip(items, users)):
                if is_on("a-b", user):
                    x(item)
                if is_on("kill", item.owner.id):
                    y(item)
        """,
    "loop index context": """
        def fetch(items):
            for i in range(len(items)):
                if is_on("a-b", items[i]):
                    x(items[i])
        """,
    "dict ctx": """
        def fetch(items):
            for item in items:
                if is_on("a-b", {"key": item.id}):
                    x(item)
                if is_on("c-d", f"user-{item.id}"):
                    x(item)
        """,
    "for else retry return": """
        def run(job):
            for attempt in range(5):
                try:
                    job.run(is_on("a-b"))
                except Timeout:
                    backoff(attempt)
                else:
                    break
            else:
                raise Failed
        """,
    "async poll": """
        async def run(job):
            for _ in range(100):
                if await is_on("a-b"):
                    break
                await asyncio.sleep(1)
        """,
    "user in loop via attr of self": """
        class Job:
            def run(self):
                for self.user in self.users:
                    if is_on("a-b", self.user):
                        work(self.user)
        """,
    "queryset per org": """
        def backfill():
            for org in Organization.objects.all():
                if is_on("a-b", org.id):
                    compute(org)
                for project in org.projects:
                    if is_on("c-d", project.organization):
                        compute(project)
        """,
    "async comp": """
        async def run(rows, user):
            return [r async for r in rows if is_on("a-b", user)]
        """,
    "exception in loop": """
        def run(items):
            for item in items:
                try:
                    work(item)
                except Exception:
                    if is_on("a-b"):
                        raise
                    log.exception("x")
        """,
    "map of flags const loop": """
        FLAGS = ["a-b", "c-d"]
        def all_on(ctx):
            out = []
            for name in FLAGS:
                out.append(is_on(name, ctx))
            return out
        """,
}

NESTED = {
    "under it": """
        def page(user):
            if is_on("a-b", user):
                if is_on("kill", user):  #>
                    return 1
        """,
    "on the other side": """
        def page(user):
            if is_on("a-b", user):
                return 1
            else:
                start()
                return is_on("kill", user)  #>
        """,
    "behind an exit": """
        def page(user):
            if not is_on("a-b", user):
                return None
            return is_on("kill", user)  #>
        """,
    "with more conditions": """
        def page(user):
            if user.is_staff and is_on("a-b", user):
                return is_on("kill", user)  #>
        """,
    "a ternary": """
        def page(user):
            return (1 if is_on("kill", user) else 2) if is_on("a-b", user) else 3  #>
        """,
    "a variable": """
        def page(user):
            is_new = is_on("a-b", user)
            if is_new:
                return is_on("kill", user)  #>
        """,
    "a variable, turned": """
        def page(user):
            is_old = not is_on("a-b", user)
            if is_old:
                return 1
            return is_on("kill", user)  #>
        """,
    "a loop": """
        def page(user, items):
            if is_on("a-b", user):
                for item in items:
                    add(item, is_on("kill", item))  #>
        """,
    "a walrus": """
        def page(user):
            if (new := is_on("a-b", user)) and user.is_new:
                return is_on("kill", user)  #>
        """,
    "match": """
        def page(user):
            match is_on("a-b", user):
                case True:
                    return is_on("kill", user)  #>
        """,
    "compared": """
        def page(user):
            if is_on("a-b", user) is True:
                return is_on("kill", user)  #>
        """,
    "two outside": """
        def page(user):
            if is_on("a-b", user):
                if is_on("needed", user):  #>
                    return is_on("kill", user)  #>
        """,
    "the value of details": """
        from openfeature import api
        def page(ctx):
            client = api.get_client()
            details = client.get_boolean_details("a-b", False, ctx)
            if details.value:
                return client.get_boolean_value("kill", False, ctx)  #>
        """,
    "under a variant": """
        import ldclient
        def page(ctx):
            client = ldclient.get()
            if client.variation("a-b", ctx, "control") == "blue":
                return client.variation("kill", ctx, False)  #>
        """,
    "behind all other variants": """
        import ldclient
        def page(ctx):
            client = ldclient.get()
            if client.variation("a-b", ctx, "control") != "blue":
                return old()
            return client.variation("kill", ctx, False)  #>
        """,
    "two variables at once": """
        def page(user):
            a = b = is_on("a-b", user)
            if a:
                return is_on("kill", user)  #>
            return b
        """,
    "behind an elif that leaves": """
        def page(user, kind):
            if kind == "x":
                return 1
            elif not is_on("a-b", user):
                return 2
            return is_on("kill", user)  #>
        """,
    "under a decorator": """
        from waffle.decorators import waffle_flag
        import waffle
        @waffle_flag("a-b")
        def page(request):
            if waffle.switch_is_active("kill"):  #>
                return 1
            return 2
        """,
    # --- and what it has to leave alone
    "one after the other": """
        def page(user):
            if is_on("a-b", user):
                first()
            if is_on("kill", user):
                second()
        """,
    "an elif": """
        def page(user):
            if is_on("a-b", user):
                return 1
            elif is_on("kill", user):
                return 2
            return 3
        """,
    "an else with an if": """
        def page(user):
            if is_on("a-b", user):
                return 1
            else:
                if is_on("kill", user):
                    return 2
        """,
    "alternatives behind returns": """
        def page(user):
            if is_on("a-b", user):
                return 1
            if is_on("kill", user):
                return 2
            return 3
        """,
    "or": """
        def page(user):
            return is_on("a-b", user) or is_on("kill", user)
        """,
    "and": """
        def page(user):
            return is_on("a-b", user) and is_on("kill", user)
        """,
    "all of three": """
        def page(user):
            if is_on("a-b", user) and is_on("kill", user) and is_on("needed", user):
                return 1
        """,
    "both are asked before": """
        def page(user):
            first, second = is_on("a-b", user), is_on("kill", user)
            if first:
                return 1 if second else 2
        """,
    "it needs the outer one": """
        def page(user):
            if is_on("needed", user):
                return is_on("c-d", user)
        """,
    "the outer one needs it": """
        def page(user):
            if is_on("c-d", user):
                return is_on("needed", user)
        """,
    "the same flag": """
        def page(user):
            if is_on("a-b", user):
                return is_on("a-b", user.parent)
        """,
    "a function inside": """
        def page(user):
            if is_on("a-b", user):
                def later():
                    return is_on("kill", user)
                return later
        """,
    "another function": """
        def page(user):
            if is_on("a-b", user):
                return helper(user)

        def helper(user):
            return 1 if is_on("kill", user) else 2
        """,
    "the variable is another one": """
        def page(user):
            is_new = is_on("a-b", user)
            is_new = user.is_new
            if is_new:
                return is_on("kill", user)
        """,
    "the variable may be another one": """
        def page(user):
            is_new = is_on("a-b", user)
            if user.is_staff:
                is_new = True
            if is_new:
                return is_on("kill", user)
        """,
    "another condition": """
        def page(user):
            if user.is_staff:
                return is_on("kill", user)
            return is_on("a-b", user)
        """,
    "behind both branches": """
        def page(user):
            if is_on("a-b", user):
                x = 1
            else:
                x = 2
            return x, is_on("kill", user)
        """,
    "a try": """
        def page(user):
            try:
                return is_on("a-b", user)
            except Timeout:
                return is_on("kill", user)
        """,
    "as arguments": """
        def page(user):
            return render(new=is_on("a-b", user), safe=is_on("kill", user))
        """,
    "either will do": """
        def page(user):
            if is_on("a-b", user) or user.is_staff:
                return is_on("kill", user)
        """,
    "openfeature details error": """
        from openfeature import api
        def page(ctx):
            client = api.get_client()
            details = client.get_boolean_details("a-b", False, ctx)
            if details.error_code:
                return client.get_boolean_value("kill", False, ctx)
            return details.value
        """,
    "variant alternatives": """
        import ldclient
        def page(ctx):
            client = ldclient.get()
            variant = client.variation("a-b", ctx, "control")
            if variant == "blue":
                return blue()
            if client.variation("kill", ctx, False):
                return red()
        """,
    "tuple unpack then nested": """
        def page(user):
            new, gift = is_on("a-b", user), is_on("kill", user)
            if new:
                if gift:
                    return 1
            return 2
        """,
    "all together any": """
        def page(user):
            if all([is_on("a-b", user), is_on("kill", user)]):
                return 1
        """,
    "compound carried": """
        def page(user):
            new = is_on("a-b", user) and user.staff
            if new:
                return is_on("kill", user)
        """,
}

DOES_NOT_KILL = {
    "the same call": """
        def pay(order):
            if is_on("kill"):  #>
                charge(order)
            else:
                charge(order)
                log.warning("off")
        """,
    "behind a return": """
        def pay(order):
            if is_on("kill"):  #>
                return charge(order)
            log.warning("off")
            return charge(order)
        """,
    "turned round": """
        def pay(order):
            if not is_on("kill"):  #>
                log.warning("off")
                charge(order)
            else:
                charge(order)
        """,
    "a variable": """
        def pay(order):
            is_live = is_on("kill")  #>
            if is_live:
                charge(order)
            else:
                log.warning("off")
                charge(order)
        """,
    "a ternary": """
        def pay(order):
            return charge(order) if is_on("kill") else (charge(order), "off")  #>
        """,
    "with more conditions": """
        def pay(order):
            if is_on("kill") and order.total:  #>
                charge(order)
            else:
                note("off")
                charge(order)
        """,
    "more than the live side": """
        def pay(order):
            if is_on("kill"):  #>
                self.charge(order)
            else:
                self.charge(order)
                self.apologise(order)
        """,
    "awaited": """
        async def pay(order):
            if await is_on("kill"):  #>
                await charge(order)
            else:
                await log.warning("off")
                await charge( order )
        """,
    "compared": """
        def pay(order):
            if is_on("kill") is False:  #>
                log.warning("off")
                charge(order)
            else:
                charge(order)
        """,
    "deeper": """
        def pay(order):
            if is_on("kill"):  #>
                charge(order)
            else:
                for each in order.parts:
                    charge(order)
        """,
    "in a with": """
        def pay(order):
            if is_on("kill"):  #>
                charge(order)
            else:
                with audit_log():
                    charge(order)
        """,
    "a helper that is turned round": """
        def is_off():
            return not is_on("kill")

        def pay(order):
            if is_off():  #>
                note()
                charge(order)
            else:
                charge(order)
        """,
    # --- and what it has to leave alone
    "another flag on both sides": """
        def pay(order):
            if is_on("kill"):
                is_on("a-b", order)
            else:
                is_on("a-b", order)
                enqueue(order)
        """,
    "queued": """
        def pay(order):
            if is_on("kill"):
                charge(order)
            else:
                enqueue(order)
        """,
    "nothing": """
        def pay(order):
            if is_on("kill"):
                charge(order)
        """,
    "an exit": """
        def pay(order):
            if not is_on("kill"):
                return None
            return charge(order)
        """,
    "raises": """
        def pay(order):
            if not is_on("kill"):
                raise Unavailable("payments")
            return charge(order)
        """,
    "shared answers": """
        def page(order):
            if is_on("kill"):
                return Response(search(order))
            return Response([])
        """,
    "shared rendering": """
        def page(request):
            if is_on("kill"):
                return render(request, "page.html", recommend(request))
            return render(request, "page.html", {})
        """,
    "shared logging": """
        def pay(order):
            if is_on("kill"):
                logger.info("pay")
                charge(order)
            else:
                logger.info("pay")
        """,
    "only logging on both sides": """
        def pay(order):
            if is_on("kill"):
                logger.info("on")
            else:
                logger.info("on")
                x = 1
        """,
    "shared checks": """
        def pay(order):
            if is_on("kill"):
                validate(order)
                charge(order)
            else:
                validate(order)
                enqueue(order)
        """,
    "shared look-ups": """
        def pay(pk):
            if is_on("kill"):
                order = get_order(pk)
                return charge(order)
            return get_order(pk)
        """,
    "only look-ups": """
        def page(self):
            if is_on("kill"):
                return self.get_queryset()
            else:
                return self.get_queryset().none()
        """,
    "another mode": """
        def find(query):
            if is_on("kill"):
                return search(query, engine="new")
            return search(query, engine="old")
        """,
    "dry": """
        def pay(order):
            if is_on("kill"):
                charge(order)
            else:
                charge(order, dry_run=True)
        """,
    "others": """
        def pay(order, other):
            if is_on("kill"):
                charge(order)
            else:
                charge(other)
        """,
    "no kill switch": """
        def pay(order):
            if is_on("a-b"):
                charge(order)
            else:
                log.warning("off")
                charge(order)
        """,
    "behind the branch": """
        def pay(order):
            if is_on("kill"):
                prepare(order)
            charge(order)
        """,
    "before the branch": """
        def pay(order):
            charge(order)
            if is_on("kill"):
                notify(order)
            else:
                log.warning("off")
        """,
    "later": """
        def pay(order):
            if is_on("kill"):
                charge(order)
            else:
                retry(lambda: charge(order))
        """,
    "not sure to be off": """
        def pay(order, force):
            if is_on("kill") or force:
                charge(order)
            else:
                charge(order)
                x = 1
        """,
    "built-in functions": """
        def pay(order):
            if is_on("kill"):
                return str(len(order))
            else:
                x = str(len(order))
                return x
        """,
    "exceptions": """
        def pay(order):
            if is_on("kill"):
                raise Failed(order)
            else:
                x = Failed(order)
                return x
        """,
    "other flags in between": """
        def pay(order):
            if is_on("a-b"):
                charge(order)
            elif is_on("kill"):
                enqueue(order)
            else:
                charge(order)
        """,
    "killed side conditional": """
        def pay(order):
            if is_on("kill"):
                charge(order)
            else:
                if order.is_prepaid:
                    charge(order)
        """,
    "killed side except": """
        def pay(order):
            if is_on("kill"):
                return compute(order)
            try:
                return read_cached(order)
            except Miss:
                return compute(order)
        """,
    "killed side other flag": """
        def pay(order):
            if is_on("kill"):
                charge(order)
            elif order.legacy:
                charge(order)
            else:
                queue_up(order)
        """,
    "kill retry": """
        def pay(order):
            if not is_on("kill"):
                return queue_charge(order)
            try:
                return charge(order)
            except Error:
                return queue_charge(order)
        """,
    "kill early return log": """
        def pay(order):
            if not is_on("kill"):
                logger.warning("killed %s", order.id)
                statsd.incr("killed")
                return
            statsd.incr("live")
            charge(order)
        """,
    "kill super": """
        class V(View):
            def post(self, request):
                if is_on("kill"):
                    return super().post(request)
                return self.disabled(request)
        """,
    "kill save both": """
        def pay(order):
            if is_on("kill"):
                order.state = "charging"
                order.save()
                charge(order)
            else:
                order.state = "waiting"
                order.save()
        """,
    "kill only save": """
        def mark(order):
            if is_on("kill"):
                order.state = "new"
                order.save()
            else:
                order.state = "old"
                order.save()
        """,
}

SAME = {
    "both sides": """
        def page():
            if is_on("a-b"):  #>
                return render("x")
            else:
                return render("x")
        """,
    "behind a return": """
        def page():
            if is_on("a-b"):  #>
                return 1
            return 1
        """,
    "turned round": """
        def page():
            if not is_on("a-b"):  #>
                x = 1
            else:
                x = 1
            return x
        """,
    "a ternary": """
        def page():
            return 1 if is_on("a-b") else 1  #>
        """,
    "comments": """
        def page():
            if is_on("a-b"):  #>
                # the new way
                return f(1, 2)
            else:
                return f(1,
                         2)  # the old way
        """,
    "a variable": """
        def page():
            is_new = is_on("a-b")  #>
            if is_new:
                x = 1
            else:
                x = 1
            return x
        """,
    "nothing": """
        def page():
            if is_on("a-b"):  #>
                pass
        """,
    "nothing on both sides": """
        def page():
            if is_on("a-b"):  #>
                pass
            else:
                ...
        """,
    "with more conditions": """
        def page(user):
            if is_on("a-b") and user.is_staff:  #>
                return 1
            else:
                return 1
        """,
    "quotes": """
        def page():
            return "x" if is_on("a-b") else "x"  #>
        """,
    "a raise": """
        def page():
            if not is_on("a-b"):  #>
                raise Http404
            raise Http404
        """,
    "an elif": """
        def page(user, kind):
            if kind == "x":
                return 0
            elif is_on("a-b", user):  #>
                return 1
            return 1
        """,
    "behind suppress": """
        def page(user):
            with suppress(Timeout):
                return is_on("a-b", user)
            if is_on("kill", user):  #>
                return 1
            return 1
        """,
    "only a text": """
        def page(user):
            if is_on("a-b", user):  #>
                'TODO: new way'
            else:
                ...
        """,
    "several lines": """
        def page(user):
            x = (
                shop
                .render("a") if is_on("a-b", user) else shop  #>
                .render("a")
            )
            return x
        """,
    "with an if inside": """
        def page(user):
            if is_on("a-b", user):  #>
                if user.x:
                    return 1
                return 2
            else:
                if user.x:
                    return 1
                return 2
        """,
    # --- and what it has to leave alone
    "other texts": """
        def page():
            return "new.html" if is_on("a-b") else "old.html"
        """,
    "other numbers": """
        def page():
            if is_on("a-b"):
                return 1
            return 2
        """,
    "one more statement": """
        def page():
            if is_on("a-b"):
                notify()
                return render("x")
            return render("x")
        """,
    "no else": """
        def page():
            if is_on("a-b"):
                notify()
        """,
    "nothing but an else": """
        def page():
            if is_on("a-b"):
                pass
            else:
                notify()
        """,
    "other names": """
        def page(new, old):
            return new if is_on("a-b") else old
        """,
    "other arguments": """
        def page():
            if is_on("a-b"):
                return render("x", new=True)
            else:
                return render("x", new=False)
        """,
    "another order": """
        def page():
            if is_on("a-b"):
                first()
                second()
            else:
                second()
                first()
        """,
    "only in spaces of a text": """
        def page():
            return "a b" if is_on("a-b") else "ab"
        """,
    "only in a log": """
        def page():
            if is_on("a-b"):
                log("new")
                return 1
            log("old")
            return 1
        """,
    "the end of a loop": """
        def page(items):
            for item in items:
                if is_on("a-b", item):
                    continue
                add(item)
        """,
    "a chain": """
        def page(user):
            if is_on("a-b"):
                return 1
            elif user.is_staff:
                return 2
            else:
                return 1
        """,
    "no flag in it": """
        def page(user):
            x = is_on("a-b")
            if user.is_staff:
                return 1
            return 1
        """,
    "the value itself": """
        def page():
            return True if is_on("a-b") else False
        """,
    "turned": """
        def page(x):
            if is_on("a-b"):
                return x
            return not x
        """,
    "falls through": """
        def page():
            if is_on("a-b"):
                x = 1
            x = 1
            return x
        """,
    "returns nothing": """
        def page():
            if not is_on("a-b"):
                return
            work()
        """,
    "another await": """
        async def page():
            if is_on("a-b"):
                return await f()
            return f()
        """,
    "an argument of a call": """
        def page():
            if ready(is_on("a-b")):
                return 1
            return 1
        """,
    "variants compared": """
        import ldclient
        def page(ctx):
            v = ldclient.get().variation("a-b", ctx, "control")
            if v == "red":
                return 1
            elif v == "blue":
                return 1
            return 2
        """,
    "different numbers": """
        def page(user):
            timeout = 10 if is_on("a-b", user) else 10.0
            return timeout
        """,
    "raise vs raise": """
        def page(user):
            if not is_on("a-b", user):
                raise Forbidden("no")
            raise Forbidden("other")
        """,
    "kill in batch": """
        def send_all(users):
            for user in users:
                if not is_on("a-b"):
                    break
                send(user)
        """,
}

CASES = {
    "FLG303": IMPORT_TIME,
    "FLG304": REPEATED,
    "FLG305": IN_LOOP,
    "FLG306": NESTED,
    "FLG307": DOES_NOT_KILL,
    "FLG308": SAME,
}
