from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from .models import User


class IsSelfOrReads(BasePermission):
    def has_object_permission(self, request, view, obj):
        return request.method in SAFE_METHODS or obj == request.user


class UserSerializer(ModelSerializer):
    class Meta:
        model = User
        fields = ['id', 'username', 'email', 'date_joined', 'bio', 'location', 'real_name']


class UserViewSet(ModelViewSet):
    queryset = User.objects.order_by('id')
    serializer_class = UserSerializer
    permission_classes = [IsAuthenticated, IsSelfOrReads]
    search_fields = ['real_name']


router = DefaultRouter()
router.register('users', UserViewSet)
urlpatterns = router.urls
